package io.freehub.twin.configuration;

import io.quarkus.logging.Log;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Does work step by step on a thread of its own, and looks now and then, or when it is told, whether there is some. */
final class Loop {

    /** A part of the work; false when there is nothing to do. */
    @FunctionalInterface
    interface Step {
        boolean run() throws SQLException;
    }

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);
    private static final Duration TO_STOP = Duration.ofSeconds(15);

    private final Duration pollInterval;
    private final Step step;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean stopping;

    Loop(String name, Duration pollInterval, Step step) {
        this.pollInterval = pollInterval;
        this.step = step;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Ends after the present step. */
    void stop() throws InterruptedException {
        stopping = true;
        kick();
        thread.join(TO_STOP);
    }

    /** Says that there is something to do. */
    void kick() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        var backoff = FIRST_BACKOFF;
        try {
            while (!stopping) {
                try {
                    if (!step.run()) {
                        pause(pollInterval);
                    }
                    backoff = FIRST_BACKOFF;
                } catch (SQLException | RuntimeException e) {
                    if (backoff.equals(FIRST_BACKOFF)) {
                        Log.warnf(e, "work not done, trying on thread=%s", thread.getName());
                    }
                    pause(backoff);
                    backoff = backoff.multipliedBy(2);
                    if (backoff.compareTo(MAX_BACKOFF) > 0) {
                        backoff = MAX_BACKOFF;
                    }
                }
            }
        } catch (InterruptedException e) {
            Log.infof("work interrupted thread=%s", thread.getName());
        }
    }

    private void pause(Duration atMost) throws InterruptedException {
        if (!stopping && wake.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }
}
