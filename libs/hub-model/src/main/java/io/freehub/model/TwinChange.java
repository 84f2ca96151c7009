package io.freehub.model;

import java.time.Instant;

/**
 * What was written of a twin. Changes of one twin are told in the order in which they were made.
 *
 * <p>Source of what bodies hold: IoT Hub, "non-telemetry event schemas", twin change events.
 */
public sealed interface TwinChange {

    /** Whose twin it is. */
    IdentityId identity();

    /** Version of the whole twin afterwards. */
    long version();

    /** JSON of what the event tells, numbers and strings as their writers sent them. */
    String body();

    Instant at();

    /** The twin is new, like its device or module. The body is the whole twin, with {@code deviceId} and {@code moduleId}. */
    record Begun(IdentityId identity, long version, String body, Instant at) implements TwinChange {}

    /**
     * Members were merged in. The body has {@code version}; {@code tags} and {@code properties.desired} hold those of the
     * members that were written, null for one that went, with metadata and version of the section.
     */
    record Updated(IdentityId identity, long version, String body, Instant at) implements TwinChange {}

    /** Whole sections were replaced. The body is the whole twin, with {@code deviceId} and {@code moduleId}. */
    record Replaced(IdentityId identity, long version, String body, Instant at) implements TwinChange {}
}
