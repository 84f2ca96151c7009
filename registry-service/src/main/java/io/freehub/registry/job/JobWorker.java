package io.freehub.registry.job;

import io.freehub.model.HubException;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.job.StorageException.Reason;
import io.freehub.service.LogKeys;
import io.freehub.store.Database;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Does jobs, one at a time, on a thread of its own. Replicas compete for them; a job whose worker gives no sign of life
 * for the length of its lease goes to another one, which goes on where it stands.
 */
@ApplicationScoped
class JobWorker {

    private static final Duration CLEANING = Duration.ofHours(1);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);
    private static final Duration TO_STOP = Duration.ofSeconds(15);

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
    private final Semaphore wake = new Semaphore(0);

    private volatile boolean stopping;
    private @Nullable Thread thread;

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

    synchronized void start() {
        stopping = false;
        thread = Thread.ofPlatform().daemon().name("job-worker").start(this::run);
    }

    /** Ends between two batches and leaves the job to others. */
    synchronized void stop() throws InterruptedException {
        stopping = true;
        kick();
        if (thread != null) {
            thread.join(TO_STOP);
        }
    }

    /** Says that there is a job. */
    void kick() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    synchronized boolean isAlive() {
        return thread != null && thread.isAlive();
    }

    /** Waits for what happens on an event loop. */
    static <T> T await(Supplier<Uni<T>> work) {
        try {
            return VertxContextSupport.subscribeAndAwait(work);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private void run() {
        var backoff = FIRST_BACKOFF;
        try {
            while (!stopping) {
                try {
                    if (!doNext()) {
                        clean();
                        pause(config.jobs().pollInterval());
                    }
                    backoff = FIRST_BACKOFF;
                } catch (RuntimeException e) {
                    if (backoff.equals(FIRST_BACKOFF)) {
                        Log.warnf("jobs not done, trying on reason=%s", e);
                    }
                    pause(backoff);
                    backoff = min(backoff.multipliedBy(2), MAX_BACKOFF);
                }
            }
        } catch (InterruptedException e) {
            Log.info("job worker interrupted");
        }
    }

    /** False when there is nothing to do. */
    private boolean doNext() throws InterruptedException {
        var taken =
                await(() -> database.write(() -> store.take(name, config.jobs().lease())));
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
                            boolean atEnd = importer.run(run, task, () -> stopping);
                            if (atEnd) {
                                importer.writeErrors(run, task);
                            }
                            yield atEnd;
                        }
                        case JobTask.Export task -> exporter.run(run, task, () -> stopping);
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
            pause(min(FIRST_BACKOFF.multipliedBy(1L << setback.times()), MAX_BACKOFF));
            release(run);
        } else {
            end(run, Job.Status.FAILED, Optional.of(failure.getMessage()));
        }
    }

    /** How far the job has come. */
    private JobRun current(JobRun run) {
        return await(() -> database.write(() -> store.take(name, config.jobs().lease())))
                .orElseThrow(() -> new JobLostException(run.id()));
    }

    private void release(JobRun run) {
        await(() -> database.write(() -> store.release(run)));
    }

    private void end(JobRun run, Job.Status status, Optional<String> reason) {
        await(() -> database.write(() -> store.end(run, status, reason)));
        metrics.ended(run.task().type(), status).increment();
        Log.infof(
                "job ended type=%s status=%s reason=%s",
                run.task().type().wireName(), status.wireName(), reason.orElse("none"));
    }

    private void clean() {
        var now = clock.instant();
        if (cleaned.plus(CLEANING).isBefore(now)) {
            await(() ->
                    database.write(() -> store.forget(now.minus(config.jobs().history()))));
            cleaned = now;
        }
    }

    private void pause(Duration atMost) throws InterruptedException {
        if (!stopping && wake.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
