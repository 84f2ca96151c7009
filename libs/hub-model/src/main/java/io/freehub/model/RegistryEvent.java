package io.freehub.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What happened to the identity of a device or module. Carries no secret; whoever needs the keys asks the registry. What
 * happens to a device happens to its modules too: they cannot connect while it is disabled and are gone when it is.
 *
 * <p>Events of earlier versions have no description; the registry tells of every identity again after an upgrade.
 */
public sealed interface RegistryEvent {

    IdentityId identity();

    /** Which life of the id this was. */
    String generationId();

    Instant at();

    /** The identity is new. */
    record Created(
            IdentityId identity,
            String generationId,
            long version,
            Optional<IdentityDescription> description,
            Instant at)
            implements RegistryEvent {

        /** Without a description. */
        public Created(IdentityId identity, String generationId, long version, Instant at) {
            this(identity, generationId, version, Optional.empty(), at);
        }
    }

    /**
     * Status, keys or another part of the identity was written; {@code version} is that of the identity afterwards. A
     * module is always enabled itself.
     */
    record Updated(
            IdentityId identity,
            String generationId,
            long version,
            DeviceStatus status,
            Optional<IdentityDescription> description,
            Instant at)
            implements RegistryEvent {

        /** Without a description. */
        public Updated(IdentityId identity, String generationId, long version, DeviceStatus status, Instant at) {
            this(identity, generationId, version, status, Optional.empty(), at);
        }
    }

    /** The identity is gone. */
    record Deleted(IdentityId identity, String generationId, Instant at) implements RegistryEvent {}
}
