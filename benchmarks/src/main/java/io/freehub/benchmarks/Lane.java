package io.freehub.benchmarks;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The devices of a fleet that share an event loop. Everything happens on that loop, so nothing is locked; whoever wants
 * to know something asks by a task.
 */
final class Lane {

    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);
    private static final long SHORTEST_PAUSE_NANOS = 50_000;

    private final EventLoop loop;
    private final Workload workload;
    private final List<DeviceConnection> all = new ArrayList<>();
    private final List<DeviceConnection> open = new ArrayList<>();
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final Histogram latency = new Histogram(LONGEST_MICROS, 3);
    private final List<String> refusals = new ArrayList<>();
    private final List<String> losses = new ArrayList<>();

    private Runnable connectNext = () -> {};
    private int unsettled;
    private boolean sending = true;
    private long inFlight;
    private long acknowledged;
    private long openLoopStart;
    private long openLoopIssued;
    private double openLoopInterval;

    Lane(EventLoop loop, Workload workload) {
        this.loop = loop;
        this.workload = workload;
    }

    EventLoop loop() {
        return loop;
    }

    Workload workload() {
        return workload;
    }

    /**
     * What was measured since {@link #reset}.
     *
     * @param acknowledged messages that were, and what devices heard of
     */
    record Measured(long acknowledged, Histogram latency) {}

    /** Connects devices, so many at a time; done when each is open or was refused. */
    CompletableFuture<Void> connect(Door door, List<DeviceConnection> connections, int parallel) {
        loop.execute(() -> {
            all.addAll(connections);
            unsettled = connections.size();
            if (unsettled == 0) {
                settled.complete(null);
            }
            var next = connections.iterator();
            connectNext = () -> {
                if (next.hasNext()) {
                    open(door, next.next());
                }
            };
            for (int i = 0; i < parallel; i++) {
                connectNext.run();
            }
        });
        return settled;
    }

    private void open(Door door, DeviceConnection connection) {
        door.connect(loop, connection).addListener(done -> {
            if (!done.isSuccess()) {
                connection.failed(done.cause());
            }
        });
    }

    void opened(DeviceConnection connection) {
        open.add(connection);
        settle();
        if (sending && workload instanceof Workload.ClosedLoop(int window)) {
            for (int i = 0; i < window; i++) {
                connection.publish(System.nanoTime());
            }
        }
    }

    void ended(DeviceConnection connection, boolean wasOpen, String reason) {
        inFlight -= connection.inFlight();
        if (wasOpen) {
            losses.add(reason);
            open.remove(connection);
        } else {
            refusals.add(reason);
            settle();
        }
        completeWhenDrained();
    }

    void sent() {
        inFlight++;
    }

    void acknowledged(DeviceConnection connection, long sentAt) {
        long now = System.nanoTime();
        latency.recordValue(Math.min(LONGEST_MICROS, (now - sentAt) / 1000));
        acknowledged++;
        inFlight--;
        if (!sending) {
            completeWhenDrained();
        } else if (workload instanceof Workload.ClosedLoop) {
            connection.publish(now);
        }
    }

    /** A device heard of something. */
    void told(long sentAt) {
        latency.recordValue(Math.min(LONGEST_MICROS, (System.nanoTime() - sentAt) / 1000));
        acknowledged++;
    }

    /** Begins to send at this rate; for an open loop, once the devices are there. */
    void startOpenLoop(double messagesPerSecond) {
        openLoopInterval = 1e9 / messagesPerSecond;
        openLoopStart = System.nanoTime();
        openLoopIssued = 0;
        sendWhatIsDue();
    }

    private void sendWhatIsDue() {
        if (!sending || open.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        long due = due();
        while (due <= now) {
            var connection = open.get((int) (openLoopIssued % open.size()));
            if (!connection.hasRoom()) {
                break; // the message stays due; its latency counts all the same
            }
            connection.publish(due);
            connection.flush();
            openLoopIssued++;
            due = due();
        }
        loop.schedule(
                this::sendWhatIsDue, Math.max(SHORTEST_PAUSE_NANOS, due - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private long due() {
        return openLoopStart + (long) (openLoopIssued * openLoopInterval);
    }

    void reset() {
        latency.reset();
        acknowledged = 0;
    }

    Measured measured() {
        return new Measured(acknowledged, latency.copy());
    }

    /** Done when nothing is in flight any more. */
    CompletableFuture<Void> stopSending() {
        loop.execute(() -> {
            sending = false;
            completeWhenDrained();
        });
        return drained;
    }

    List<DeviceConnection> all() {
        return all;
    }

    int openConnections() {
        return open.size();
    }

    List<String> refusals() {
        return refusals;
    }

    List<String> losses() {
        return losses;
    }

    void close() {
        List.copyOf(open).forEach(DeviceConnection::close);
        open.clear();
    }

    private void settle() {
        unsettled--;
        if (unsettled == 0) {
            settled.complete(null);
        }
        connectNext.run();
    }

    private void completeWhenDrained() {
        if (!sending && inFlight == 0) {
            drained.complete(null);
        }
    }
}
