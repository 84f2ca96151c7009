package io.freehub.model;

import java.time.Instant;

/**
 * What happened to the identity of a device or module. Carries no secret; whoever needs the keys asks the registry. What
 * happens to a device happens to its modules too: they cannot connect while it is disabled and are gone when it is.
 */
public sealed interface RegistryEvent {

    IdentityId identity();

    /** Which life of the id this was. */
    String generationId();

    Instant at();

    /** The identity is new. */
    record Created(IdentityId identity, String generationId, long version, Instant at) implements RegistryEvent {}

    /**
     * Status, keys or another part of the identity was written; {@code version} is that of the identity afterwards. A
     * module is always enabled itself.
     */
    record Updated(IdentityId identity, String generationId, long version, DeviceStatus status, Instant at)
            implements RegistryEvent {}

    /** The identity is gone. */
    record Deleted(IdentityId identity, String generationId, Instant at) implements RegistryEvent {}
}
