package io.freehub.twin.job;

import io.freehub.twin.TwinConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Does the steps of jobs on a thread of its own, as they become due. */
@ApplicationScoped
class JobWorker {

    private static final Duration CLEANING = Duration.ofHours(1);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);
    private static final Duration TO_STOP = Duration.ofSeconds(15);

    private final JobSteps steps;
    private final Duration poll;
    private final Clock clock;
    private final Semaphore wake = new Semaphore(0);

    private volatile boolean stopping;
    private @Nullable Thread thread;
    private Instant cleaned = Instant.EPOCH;

    JobWorker(JobSteps steps, TwinConfig config, Clock clock) {
        this.steps = steps;
        this.poll = config.jobs().pollInterval();
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
        thread = Thread.ofPlatform().daemon().name("scheduled-jobs").start(this::run);
    }

    /** Ends between two steps. */
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

    private void run() {
        var backoff = FIRST_BACKOFF;
        try {
            while (!stopping) {
                try {
                    var wait = steps.next();
                    if (wait.compareTo(poll) >= 0) {
                        clean();
                    }
                    pause(wait);
                    backoff = FIRST_BACKOFF;
                } catch (RuntimeException e) {
                    if (backoff.equals(FIRST_BACKOFF)) {
                        Log.warnf("jobs not done, trying on reason=%s", e);
                    }
                    pause(backoff);
                    backoff =
                            backoff.multipliedBy(2).compareTo(MAX_BACKOFF) < 0 ? backoff.multipliedBy(2) : MAX_BACKOFF;
                }
            }
        } catch (InterruptedException e) {
            Log.info("job worker interrupted");
        }
    }

    private void clean() {
        var now = clock.instant();
        if (cleaned.plus(CLEANING).isBefore(now)) {
            steps.forget();
            cleaned = now;
        }
    }

    private void pause(Duration atMost) throws InterruptedException {
        if (!stopping && wake.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }
}
