package io.freehub.store;

import io.quarkus.logging.Log;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does what a service does by itself, turn after turn on a thread of its own, until it is stopped. A turn that fails is taken
 * again, after a pause that grows from half a second to ten.
 */
public final class Worker {

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);
    private static final Duration TO_STOP = Duration.ofSeconds(15);

    /** A piece of the work. It is short, or asks {@link #isStopping()} now and then. */
    @FunctionalInterface
    public interface Turn {

        /** Takes the turn, and says how long to wait for the next one unless somebody calls. */
        Duration take() throws SQLException, InterruptedException;
    }

    private final String name;
    private final Turn turn;
    private final Semaphore wake = new Semaphore(0);

    private volatile boolean stopping;
    private @Nullable Thread thread;

    /** @param name of the thread, and of the work in the log */
    public Worker(String name, Turn turn) {
        this.name = name;
        this.turn = turn;
    }

    /** Begins; also again, after {@link #stop}. */
    public synchronized void start() {
        stopping = false;
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Ends after the present turn, for which it waits 15 seconds at most. */
    public synchronized void stop() throws InterruptedException {
        stopping = true;
        kick();
        if (thread != null) {
            thread.join(TO_STOP);
        }
    }

    /** Says that there is something to do. */
    public void kick() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /** Whether the thread lives. */
    public synchronized boolean isAlive() {
        return thread != null && thread.isAlive();
    }

    /** Whether the present turn should come to an end. */
    public boolean isStopping() {
        return stopping;
    }

    /** Waits, until the time is over or somebody calls. */
    public void pause(Duration atMost) throws InterruptedException {
        if (!stopping && wake.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }

    private void run() {
        var backoff = FIRST_BACKOFF;
        try {
            while (!stopping) {
                try {
                    pause(turn.take());
                    backoff = FIRST_BACKOFF;
                } catch (SQLException | RuntimeException e) {
                    if (backoff.equals(FIRST_BACKOFF)) {
                        Log.warnf("work not done, trying on work=%s reason=%s", name, e);
                    }
                    pause(backoff);
                    backoff =
                            backoff.multipliedBy(2).compareTo(MAX_BACKOFF) < 0 ? backoff.multipliedBy(2) : MAX_BACKOFF;
                }
            }
        } catch (InterruptedException e) {
            Log.infof("work interrupted work=%s", name);
        }
    }
}
