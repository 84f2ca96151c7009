package io.freehub.twin.job;

import io.freehub.twin.document.Json;
import io.freehub.twin.job.ScheduledJob.Status;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A job as clients read it. What is not known is left out: some of them trip over null. */
final class JobAnswer {

    private static final String UNKNOWN = "unknown";

    private JobAnswer() {}

    /** Of a job that was just made. */
    static Json.Fields created(ScheduledJob job) {
        return state(job.id(), job.work().type().wireName(), job.status().wireName());
    }

    /** Of a job that there is not. Clients ask for one to see of which kind it is, and want no error. */
    static Json.Fields unknown(String id) {
        return state(id, UNKNOWN, UNKNOWN);
    }

    private static Json.Fields state(String id, String type, String status) {
        return Json.Fields.NONE
                .with("jobId", new Json.Text(id))
                .with("type", new Json.Text(type))
                .with("status", new Json.Text(status));
    }

    static Json.Fields of(ScheduledJob job) {
        var type = job.work().type();
        var json = created(job)
                .with("queryCondition", new Json.Text(job.condition()))
                .with("createdTime", time(job.created()))
                .with("startTime", time(job.start()))
                .with("maxExecutionTimeInSeconds", Json.Number.of(job.maxTime().toSeconds()))
                .with(type.member(), job.work().json());
        json = job.ended().isEmpty()
                ? json
                : json.with("endTime", time(job.ended().get()));
        json = job.failureReason().isEmpty()
                ? json
                : json.with("failureReason", new Json.Text(job.failureReason().get()));
        return job.begun().isEmpty() ? json : json.with("deviceJobStatistics", statistics(job));
    }

    private static Json.Fields statistics(ScheduledJob job) {
        var progress = job.progress();
        long pending =
                job.status() == Status.RUNNING ? progress.devices() - progress.succeeded() - progress.failed() : 0;
        return Json.Fields.NONE
                .with("deviceCount", Json.Number.of(progress.devices()))
                .with("failedCount", Json.Number.of(progress.failed()))
                .with("succeededCount", Json.Number.of(progress.succeeded()))
                // A batch of them is done at once.
                .with("runningCount", Json.Number.of(0))
                .with("pendingCount", Json.Number.of(pending));
    }

    private static Json.Text time(Instant instant) {
        return new Json.Text(instant.truncatedTo(ChronoUnit.MILLIS).toString());
    }
}
