package io.freehub.twin.job;

import io.freehub.model.HubError;
import java.time.Instant;

/** What is to be done next of a job that has not ended. */
sealed interface JobStep {

    /** Its time has not come. */
    record Wait(Instant until) implements JobStep {}

    record Begin() implements JobStep {}

    /** Write down which devices it has, from this id on. */
    record Gather(String after) implements JobStep {}

    /** Do the work on devices, from this id on. */
    record Work(String after) implements JobStep {}

    /** End it without success. */
    record Fail(HubError error, String reason) implements JobStep {}

    static JobStep of(ScheduledJob job, Instant now) {
        return switch (job.status()) {
            case QUEUED, SCHEDULED -> job.start().isAfter(now) ? new Wait(job.start()) : new Begin();
            case RUNNING -> running(job, now);
            case COMPLETED, FAILED, CANCELLED -> throw new IllegalArgumentException("job has ended " + job.id());
        };
    }

    private static JobStep running(ScheduledJob job, Instant now) {
        if (!job.begun().orElse(now).plus(job.maxTime()).isAfter(now)) {
            return new Fail(
                    HubError.TIMED_OUT,
                    "the job was not done within its maxExecutionTimeInSeconds of "
                            + job.maxTime().toSeconds());
        }
        var progress = job.progress();
        return progress.gathered() ? new Work(progress.workedTo()) : new Gather(progress.gatheredTo());
    }
}
