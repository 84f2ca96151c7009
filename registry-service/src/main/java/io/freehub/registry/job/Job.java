package io.freehub.registry.job;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A job as clients see it.
 *
 * @param total how much there is to do: bytes of an import, identities of an export
 * @param position how much of it is done
 */
record Job(
        String id,
        Type type,
        Status status,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        Optional<String> failureReason,
        long total,
        long position) {

    private static final int DONE = 100;

    enum Type {
        IMPORT,
        EXPORT;

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    enum Status {
        ENQUEUED,
        RUNNING,
        COMPLETED,
        FAILED,
        CANCELLED;

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** From 0 to 100, which only a completed job has. */
    int progress() {
        if (status == Status.COMPLETED) {
            return DONE;
        }
        return total == 0 ? 0 : (int) Math.min(DONE - 1, position * DONE / total);
    }
}
