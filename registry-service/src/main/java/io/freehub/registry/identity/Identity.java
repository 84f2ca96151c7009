package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import io.freehub.model.Credentials;
import io.freehub.model.DeviceStatus;
import io.freehub.model.IdentityDescription;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SymmetricKeys;
import io.freehub.registry.identity.IdentityChange.Fresh;
import io.freehub.service.http.ETag;
import java.time.Instant;
import java.util.Optional;

/**
 * A device or module as the registry keeps it.
 *
 * @param generationId made by the hub; another one after the identity was deleted and created again
 * @param version counts the writes of this identity
 */
public record Identity(IdentityId id, String generationId, long version, Authentication authentication, Kind kind) {

    /** What a device has and a module has not, and the other way round. */
    public sealed interface Kind {

        /**
         * A device.
         *
         * @param statusReason free text of at most 128 characters
         * @param statusUpdatedAt when the status last changed; empty when it never did
         */
        record Device(
                DeviceStatus status, Optional<String> statusReason, Optional<Instant> statusUpdatedAt, EdgeRole edge)
                implements Kind {}

        /**
         * A module; it may connect when its device may.
         *
         * @param managedBy who looks after it, in the client's words
         */
        record Module(Optional<String> managedBy) implements Kind {}
    }

    /** A new identity. */
    static Identity create(IdentityId id, IdentitySpec spec, Fresh fresh) {
        var kind =
                switch (spec) {
                    case IdentitySpec.Device device ->
                        new Kind.Device(
                                device.status(),
                                device.statusReason(),
                                Optional.empty(),
                                EdgeRole.create(id.device(), device, fresh.generationId()));
                    case IdentitySpec.Module module -> new Kind.Module(module.managedBy());
                };
        return new Identity(id, fresh.generationId(), fresh.version(), authentication(spec, fresh), kind);
    }

    /** The identity after a full replacement of what clients write. */
    Identity replace(IdentitySpec spec, Fresh fresh) {
        var next =
                switch (spec) {
                    case IdentitySpec.Device device -> {
                        var before = (Kind.Device) kind;
                        yield new Kind.Device(
                                device.status(),
                                device.statusReason(),
                                device.status() == before.status()
                                        ? before.statusUpdatedAt()
                                        : Optional.of(fresh.now()),
                                before.edge().replace(id.device(), device, generationId));
                    }
                    // The hub's own stay under its care, whatever is written of them.
                    case IdentitySpec.Module module ->
                        SystemModules.contain(id) ? kind : new Kind.Module(module.managedBy());
                };
        return next(authentication(spec, fresh), next);
    }

    /** The identity with other keys. */
    Identity withKeys(SymmetricKeys keys) {
        return next(new Authentication.Sas(keys), kind);
    }

    private Identity next(Authentication nextAuthentication, Kind nextKind) {
        return new Identity(id, generationId, version + 1, nextAuthentication, nextKind);
    }

    private static Authentication authentication(IdentitySpec spec, Fresh fresh) {
        return spec.authentication().orElseGet(() -> new Authentication.Sas(fresh.keys()));
    }

    /** Tag of this version, as clients get and send it. */
    public ETag etag() {
        return ETag.of(version);
    }

    /** Its own status; a module has none and counts as enabled. */
    DeviceStatus status() {
        return kind instanceof Kind.Device device ? device.status() : DeviceStatus.ENABLED;
    }

    /** Whether this is an edge device. */
    boolean isEdge() {
        return kind instanceof Kind.Device device && device.edge() instanceof EdgeRole.Edge;
    }

    /**
     * What lets it in.
     *
     * @param device status of the device that this is, or that it is a module of
     * @param kept what it hears since it kept its session
     */
    Credentials credentials(DeviceStatus device, KeptSubscriptions kept) {
        return new Credentials(id, generationId, device == DeviceStatus.ENABLED, authentication, kept);
    }

    /** What anybody may know of it. */
    IdentityDescription description() {
        var device = kind instanceof Kind.Device is ? Optional.of(is) : Optional.<Kind.Device>empty();
        var thumbprints = authentication instanceof Authentication.SelfSigned own
                ? own
                : new Authentication.SelfSigned(Optional.empty(), Optional.empty());
        return new IdentityDescription(
                etag().value(),
                status(),
                device.flatMap(Kind.Device::statusReason),
                device.flatMap(Kind.Device::statusUpdatedAt),
                AuthenticationDocument.type(authentication),
                thumbprints.primaryThumbprint(),
                thumbprints.secondaryThumbprint(),
                device.map(is -> isEdge()),
                device.flatMap(is -> DeviceDocument.deviceScope(is.edge())),
                device.flatMap(is -> is.edge().parent()).stream().toList());
    }

    RegistryEvent created(Instant now) {
        return new RegistryEvent.Created(id, generationId, version, Optional.of(description()), now);
    }

    RegistryEvent updated(Instant now) {
        return new RegistryEvent.Updated(id, generationId, version, status(), Optional.of(description()), now);
    }

    RegistryEvent deleted(Instant now) {
        return new RegistryEvent.Deleted(id, generationId, now);
    }
}
