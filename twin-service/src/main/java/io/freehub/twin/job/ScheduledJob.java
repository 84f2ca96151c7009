package io.freehub.twin.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A job as it stands in the database.
 *
 * @param number rises with time
 * @param start when it is to begin
 * @param begun when it did
 */
record ScheduledJob(
        long number,
        String id,
        JobWork work,
        String condition,
        Status status,
        Instant created,
        Instant start,
        Duration maxTime,
        Optional<Instant> begun,
        Optional<Instant> ended,
        Optional<String> failureReason,
        Progress progress) {

    enum Status {
        /** Just made. */
        QUEUED,
        /** It waits for its time. */
        SCHEDULED,
        RUNNING,
        COMPLETED,
        FAILED,
        CANCELLED;

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The status of this name, in whatever case. */
        static Optional<Status> of(String name) {
            return Arrays.stream(values())
                    .filter(status -> status.name().equalsIgnoreCase(name))
                    .findFirst();
        }
    }

    /**
     * How far it is.
     *
     * @param gatheredTo its devices are known up to this id
     * @param gathered all of them are
     * @param workedTo the work is done up to this id
     * @param devices that are known
     * @param succeeded of them
     * @param failed of them
     */
    record Progress(String gatheredTo, boolean gathered, String workedTo, long devices, long succeeded, long failed) {

        static final Progress NONE = new Progress("", false, "", 0, 0, 0);
    }
}
