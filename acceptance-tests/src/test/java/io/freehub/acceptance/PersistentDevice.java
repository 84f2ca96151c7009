package io.freehub.acceptance;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A device that sends numbered messages, one after the other, each again and again until it is acknowledged; it moves to
 * the next gateway when a connection fails, and now and then for no reason at all, as devices do.
 */
final class PersistentDevice implements Runnable {

    private static final int MESSAGES_OF_A_CONNECTION = 100;

    /** As long as a device would wait at least. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final BackEnd.Device identity;
    private final List<Integer> ports;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile boolean resting;
    private volatile boolean stopping;
    private int connects;

    /** @param ports of the gateways, the one to begin with first */
    PersistentDevice(BackEnd.Device identity, List<Integer> ports) {
        this.identity = identity;
        this.ports = ports;
    }

    /** The messages 0 to this, without it, were acknowledged. */
    int acknowledged() {
        return acknowledged.get();
    }

    String id() {
        return identity.id().value();
    }

    /** Sends a few messages a second from now on, and leaves the processors to what is coming back. */
    void rest() {
        resting = true;
    }

    /** Lets the message under way be acknowledged, and no further one be sent. */
    void stop() {
        stopping = true;
    }

    @Override
    public void run() {
        while (!stopping) {
            try (var connection = DeviceConnection.open(identity, ports.get(connects++ % ports.size()))) {
                for (int i = 0; i < MESSAGES_OF_A_CONNECTION && !stopping; i++) {
                    connection.send(acknowledged.get());
                    acknowledged.incrementAndGet();
                    if (resting) {
                        pause();
                    }
                }
            } catch (IOException e) {
                // The next gateway, and the same message again.
                pause();
            }
        }
    }

    private static void pause() {
        LockSupport.parkNanos(PAUSE.toNanos());
    }
}
