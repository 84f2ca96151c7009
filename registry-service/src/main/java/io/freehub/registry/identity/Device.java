package io.freehub.registry.identity;

import io.freehub.model.Credentials;
import io.freehub.model.DeviceIdentity;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * A device as the registry keeps it.
 *
 * @param statusUpdatedAt when the status last changed; empty when it never did
 */
public record Device(DeviceIdentity identity, Optional<Instant> statusUpdatedAt, EdgeRole edge) {

    /** Tag of this version, as clients get and send it. */
    public ETag etag() {
        return ETag.of(identity.version());
    }

    Credentials credentials() {
        return new Credentials(
                IdentityId.of(identity.id()), identity.generationId(), identity.isEnabled(), identity.authentication());
    }

    RegistryEvent created(Instant now) {
        return new RegistryEvent.Created(
                IdentityId.of(identity.id()), identity.generationId(), identity.version(), now);
    }

    RegistryEvent updated(Instant now) {
        return new RegistryEvent.Updated(
                IdentityId.of(identity.id()), identity.generationId(), identity.version(), identity.status(), now);
    }

    RegistryEvent deleted(Instant now) {
        return new RegistryEvent.Deleted(IdentityId.of(identity.id()), identity.generationId(), now);
    }
}
