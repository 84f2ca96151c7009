package io.freehub.twin.configuration;

import java.time.Instant;

/**
 * That a twin has a configuration, as it is remembered with the twin.
 *
 * @param createdAt which one of this id
 * @param rollout of the configuration when this was last decided
 */
record Assignment(String configuration, Instant createdAt, long rollout, Status status) {

    /** Whether it is of this very configuration and not of an earlier one of its id. */
    boolean isOf(Configuration other) {
        return configuration.equals(other.id()) && createdAt.equals(other.createdAt());
    }
}
