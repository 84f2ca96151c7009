package io.freehub.registry.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.RegistryConfig;
import io.freehub.store.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/** Makes jobs, shows and cancels them; {@link JobWorker} does them. */
@ApplicationScoped
class Jobs {

    /** Each may wait long for somebody else's server. */
    private static final int MAX_CHECKS = 4;

    private final JobStore store;
    private final Database database;
    private final Blobs blobs;
    private final JobWorker worker;
    private final RegistryConfig config;
    private final Clock clock;
    private final Vertx vertx;
    private final Semaphore checks = new Semaphore(MAX_CHECKS);

    Jobs(
            JobStore store,
            Database database,
            Blobs blobs,
            JobWorker worker,
            RegistryConfig config,
            Clock clock,
            Vertx vertx) {
        this.store = store;
        this.database = database;
        this.blobs = blobs;
        this.worker = worker;
        this.config = config;
        this.clock = clock;
        this.vertx = vertx;
    }

    /** Fails when there is an active job, or when the containers do not allow what is to be done. */
    Uni<Job> create(JobTask task) {
        var id = UUID.randomUUID().toString();
        // Before anything is asked of somebody else's server; settled when it is written.
        return database.read(store::hasActive)
                .invoke(active -> requireNone(active))
                .chain(() -> check(task, id))
                .chain(blob -> database.write(() -> store.insert(id, task, blob)))
                .invoke(inserted -> requireNone(!inserted))
                .chain(() -> get(id))
                .invoke(worker::kick);
    }

    private Uni<Optional<JobStorage.Blob>> check(JobTask task, String id) {
        if (!checks.tryAcquire()) {
            throw new HubException(HubError.THROTTLED, "too many containers are being checked, try again in a moment");
        }
        return Uni.createFrom()
                .completionStage(() -> vertx.executeBlocking(() -> blobs.check(task, id), false)
                        .toCompletionStage())
                .onTermination()
                .invoke(() -> checks.release());
    }

    Uni<List<Job>> list() {
        var since = clock.instant().minus(config.jobs().history());
        return database.read(() -> store.latest(since));
    }

    /** Fails when there is no such job. */
    Uni<Job> get(String id) {
        return database.read(() -> store.get(id)).map(job -> job.orElseThrow(() -> notFound(id)));
    }

    /** Fails when there is no such job that has not ended. */
    Uni<Job> cancel(String id) {
        return database.write(() -> store.cancel(id)).chain(cancelled -> {
            if (!cancelled) {
                throw new HubException(HubError.JOB_NOT_FOUND, "There is no job '" + id + "' that could be cancelled.");
            }
            return get(id);
        });
    }

    private static void requireNone(boolean active) {
        if (active) {
            throw new HubException(
                    HubError.JOB_QUOTA_EXCEEDED,
                    "Job quota has been exceeded: one import or export at a time. Wait for its end or cancel it.");
        }
    }

    private static HubException notFound(String id) {
        return new HubException(HubError.JOB_NOT_FOUND, "There is no job '" + id + "'.");
    }
}
