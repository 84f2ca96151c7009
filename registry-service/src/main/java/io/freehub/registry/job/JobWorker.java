package io.freehub.registry.job;

import io.freehub.model.HubException;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.job.StorageException.Reason;
import io.freehub.service.LogKeys;
import io.freehub.store.Database;
import io.freehub.store.Waiting;
import io.freehub.store.Worker;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.MDC;

/**
 * Does jobs, one at a time, on a thread of its own. Replicas compete for them; a job whose worker gives no sign of life
 * for the length of its lease goes to another one, which goes on where it stands.
 */
@ApplicationScoped
class JobWorker {

    private static final Duration CLEANING = Duration.ofHours(1);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

    /** Times that a job may find its storage away without having got on in between. */
    private static final int PATIENCE = 5;

    private final JobStore store;
    private final Database database;
    private final Importer importer;
    private final Exporter exporter;
    private final RegistryConfig config;
    private final JobMetrics metrics;
    private final Clock clock;
    private final String name = UUID.randomUUID().toString();
    private final Worker worker = new Worker("job-worker", this::turn);

    /** What the thread remembers of the job it does. */
    private Setback setback = new Setback("", -1, 0);

    private Instant cleaned = Instant.EPOCH;

    /** How often a job has found its storage away at this position. */
    private record Setback(String job, long position, int times) {

        Setback again(JobRun run) {
            return job.equals(run.id()) && position == run.position()
                    ? new Setback(job, position, times + 1)
                    : new Setback(run.id(), run.position(), 1);
        }
    }

    JobWorker(
            JobStore store,
            Database database,
            Importer importer,
            Exporter exporter,
            RegistryConfig config,
            JobMetrics metrics,
            Clock clock) {
        this.store = store;
        this.database = database;
        this.importer = importer;
        this.exporter = exporter;
        this.config = config;
        this.metrics = metrics;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stop();
    }

    void start() {
        worker.start();
    }

    /** Ends between two batches and leaves the job to others. */
    void stop() throws InterruptedException {
        worker.stop();
    }

    /** Says that there is a job. */
    void kick() {
        worker.kick();
    }

    boolean isAlive() {
        return worker.isAlive();
    }

    private Duration turn() throws InterruptedException {
        if (doNext()) {
            return Duration.ZERO;
        }
        clean();
        return config.jobs().pollInterval();
    }

    /** False when there is nothing to do. */
    private boolean doNext() throws InterruptedException {
        var taken = Waiting.forIt(
                () -> database.write(() -> store.take(name, config.jobs().lease())));
        if (taken.isEmpty()) {
            return false;
        }
        var run = taken.get();
        MDC.put(LogKeys.CORRELATION_ID, run.id());
        metrics.running(true);
        try {
            Log.infof("job begun type=%s position=%d", run.task().type().wireName(), run.position());
            work(run);
        } catch (JobLostException e) {
            Log.info("job ended elsewhere: cancelled, or another replica has it");
        } finally {
            metrics.running(false);
            MDC.remove(LogKeys.CORRELATION_ID);
        }
        return true;
    }

    private void work(JobRun run) throws InterruptedException {
        try {
            boolean finished =
                    switch (run.task()) {
                        case JobTask.Import task -> {
                            boolean atEnd = importer.run(run, task, worker::isStopping);
                            if (atEnd) {
                                importer.writeErrors(run, task);
                            }
                            yield atEnd;
                        }
                        case JobTask.Export task -> exporter.run(run, task, worker::isStopping);
                    };
            if (finished) {
                end(run, Job.Status.COMPLETED, Optional.empty());
            } else {
                release(run);
            }
        } catch (StorageException e) {
            failed(run, e);
        } catch (JobLostException e) {
            throw e;
        } catch (HubException e) {
            if (e.error().httpStatus() >= 500) {
                throw e; // the database is away; the job is still ours when it is back
            }
            end(run, Job.Status.FAILED, Optional.of(e.getMessage()));
        } catch (RuntimeException e) {
            Log.error("job failed", e);
            end(run, Job.Status.FAILED, Optional.of("the hub failed; its log tells more under " + run.id()));
        }
    }

    private void failed(JobRun run, StorageException failure) throws InterruptedException {
        setback = setback.again(current(run));
        if (failure.reason() == Reason.UNAVAILABLE && setback.times() < PATIENCE) {
            Log.warnf("storage of job not available, trying on reason=%s", failure.getMessage());
            worker.pause(min(FIRST_BACKOFF.multipliedBy(1L << setback.times()), MAX_BACKOFF));
            release(run);
        } else {
            end(run, Job.Status.FAILED, Optional.of(failure.getMessage()));
        }
    }

    /** How far the job has come. */
    private JobRun current(JobRun run) {
        return Waiting.forIt(() ->
                        database.write(() -> store.take(name, config.jobs().lease())))
                .orElseThrow(() -> new JobLostException(run.id()));
    }

    private void release(JobRun run) {
        Waiting.forIt(() -> database.write(() -> store.release(run)));
    }

    private void end(JobRun run, Job.Status status, Optional<String> reason) {
        Waiting.forIt(() -> database.write(() -> store.end(run, status, reason)));
        metrics.ended(run.task().type(), status).increment();
        Log.infof(
                "job ended type=%s status=%s reason=%s",
                run.task().type().wireName(), status.wireName(), reason.orElse("none"));
    }

    private void clean() {
        var now = clock.instant();
        if (cleaned.plus(CLEANING).isBefore(now)) {
            Waiting.forIt(() ->
                    database.write(() -> store.forget(now.minus(config.jobs().history()))));
            cleaned = now;
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
