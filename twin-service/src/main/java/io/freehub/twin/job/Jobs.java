package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.store.Database;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.document.Json;
import io.freehub.twin.job.ScheduledJob.Status;
import io.quarkus.logging.Log;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Makes jobs, shows and cancels them; {@link JobWorker} does them. */
@ApplicationScoped
class Jobs {

    /** Any number that no other advisory lock of the database has. */
    private static final long LOCK = 0x6a6f6273L;

    private final JobStore store;
    private final Database database;
    private final JobWorker worker;
    private final TwinConfig.Jobs config;
    private final JobMetrics metrics;
    private final Clock clock;

    Jobs(JobStore store, Database database, JobWorker worker, TwinConfig config, JobMetrics metrics, Clock clock) {
        this.store = store;
        this.database = database;
        this.worker = worker;
        this.config = config.jobs();
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Fails when there is a job of this id, or there are too many that have not ended. */
    Uni<ScheduledJob> create(String id, Json.Fields body) {
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var request = JobRequest.parse(id, body, now);
        return database.writeAlone(LOCK, () -> store.find(id)
                        .invoke(found -> found.ifPresent(Jobs::refuseAnother))
                        .chain(store::countOpen)
                        .invoke(this::checkRoom)
                        .chain(() -> store.persist(JobRow.of(request, now)))
                        .map(JobRow::job))
                .invoke(job -> {
                    Log.infof(
                            "job created jobId=%s type=%s",
                            id, job.work().type().wireName());
                    worker.kick();
                });
    }

    private static void refuseAnother(JobRow job) {
        throw new HubException(HubError.JOB_ALREADY_EXISTS, "A job with ID '" + job.id + "' already exists.");
    }

    private void checkRoom(long open) {
        if (open >= config.maxActive()) {
            throw new HubException(
                    HubError.TOO_MANY_ACTIVE_JOBS,
                    "%d jobs wait for their time or run, no more than %d may. Wait for the end of one or cancel it."
                            .formatted(open, config.maxActive()));
        }
    }

    Uni<Optional<ScheduledJob>> get(String id) {
        return database.read(() -> store.find(id)).map(found -> found.map(JobRow::job));
    }

    /** Fails when there is no such job, or it has ended. What it has done stays. */
    Uni<ScheduledJob> cancel(String id) {
        return database.write(() -> store.lock(id).map(found -> {
                    var row = found.orElseThrow(
                            () -> new HubException(HubError.JOB_NOT_FOUND, "There is no job '" + id + "'."));
                    if (row.endedAt != null) {
                        throw new HubException(
                                HubError.OPERATION_NOT_ALLOWED,
                                "The job '" + id + "' is " + row.status.wireName() + " and cannot be cancelled.");
                    }
                    row.end(Status.CANCELLED, clock.instant());
                    return row.job();
                }))
                .invoke(job -> {
                    metrics.finished(Status.CANCELLED).increment();
                    Log.infof("job cancelled jobId=%s", id);
                });
    }

    /** @param next what to ask for the page after this one; empty when it is the last */
    record Page(List<ScheduledJob> jobs, Optional<String> next) {}

    Uni<Page> list(JobList list) {
        if (list.isEmpty()) {
            return Uni.createFrom().item(new Page(List.of(), Optional.empty()));
        }
        // One more than a page tells whether there is another.
        return database.read(() -> store.page(list, list.pageSize() + 1)).map(found -> {
            if (found.size() <= list.pageSize()) {
                return new Page(found, Optional.empty());
            }
            var jobs = found.subList(0, list.pageSize());
            return new Page(jobs, Optional.of(JobList.continuation(jobs.getLast())));
        });
    }
}
