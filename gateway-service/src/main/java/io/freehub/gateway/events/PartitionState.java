package io.freehub.gateway.events;

import java.time.Instant;
import java.util.Optional;

/**
 * What a partition holds now.
 *
 * @param beginning sequence number of its oldest event, or of the one to come
 * @param end sequence number of the one to come
 * @param lastEnqueuedAt of its last event; empty when it holds none
 */
public record PartitionState(long beginning, long end, Optional<Instant> lastEnqueuedAt) {

    /** Whether it holds no event. */
    public boolean isEmpty() {
        return beginning >= end;
    }

    /** Sequence number of its last event; -1 when it never had one. */
    public long last() {
        return end - 1;
    }
}
