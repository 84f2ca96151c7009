package io.freehub.model;

import java.time.Instant;

/** What happened to a device identity. Carries no secret; whoever needs the keys asks the registry. */
public sealed interface RegistryEvent {

    DeviceId device();

    /** Which life of the device id this was. */
    String generationId();

    Instant at();

    /** The identity is new. */
    record Created(DeviceId device, String generationId, long version, Instant at) implements RegistryEvent {}

    /** Status, keys or another part of the identity was written; {@code version} is that of the identity afterwards. */
    record Updated(DeviceId device, String generationId, long version, DeviceIdentity.Status status, Instant at)
            implements RegistryEvent {}

    /** The identity is gone. */
    record Deleted(DeviceId device, String generationId, Instant at) implements RegistryEvent {}
}
