package io.freehub.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/** Devices that are connected at the same time and send alike. */
final class Fleet implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration ACKNOWLEDGEMENTS = Duration.ofSeconds(60);

    private final long run;
    private final int devices;
    private final List<Lane> lanes;

    Fleet(long run, int devices, List<Lane> lanes) {
        this.run = run;
        this.devices = devices;
        this.lanes = lanes;
    }

    /** What stands in every body. */
    long run() {
        return run;
    }

    void connect(Door door, List<List<DeviceConnection>> connections, int parallel) {
        var settled = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < lanes.size(); i++) {
            settled.add(lanes.get(i).connect(door, connections.get(i), parallel));
        }
        await(CompletableFuture.allOf(settled.toArray(CompletableFuture[]::new)), PATIENCE);
    }

    /** Begins to send, all devices together at this rate. */
    void startOpenLoop(double messagesPerSecond) {
        ask(lane -> {
            lane.startOpenLoop(messagesPerSecond / lanes.size());
            return null;
        });
    }

    /** What is measured counts from now. */
    void reset() {
        ask(lane -> {
            lane.reset();
            return null;
        });
    }

    /** What was measured since {@link #reset}; latencies in microseconds. */
    Lane.Measured measured() {
        long acknowledged = 0;
        var latency = new Histogram(3);
        for (var measured : ask(Lane::measured)) {
            acknowledged += measured.acknowledged();
            latency.add(measured.latency());
        }
        return new Lane.Measured(acknowledged, latency);
    }

    /** Stops sending and waits for what is in flight; whether all of it was acknowledged. */
    boolean stopSending() {
        var drained = lanes.stream().map(Lane::stopSending).toArray(CompletableFuture[]::new);
        try {
            await(CompletableFuture.allOf(drained), ACKNOWLEDGEMENTS);
            return true;
        } catch (BenchmarkException late) {
            return false;
        }
    }

    /** How many messages of each device were acknowledged. */
    int[] acknowledged() {
        var acknowledged = new int[devices];
        ask(lane -> {
            lane.all().forEach(connection -> acknowledged[connection.number()] = connection.acknowledged());
            return null;
        });
        return acknowledged;
    }

    int openConnections() {
        return ask(Lane::openConnections).stream().mapToInt(Integer::intValue).sum();
    }

    /** Why devices were not let in, one text each. */
    List<String> refusals() {
        return ask(lane -> List.copyOf(lane.refusals())).stream()
                .flatMap(List::stream)
                .toList();
    }

    /** Why devices that were in lost their connection, one text each. */
    List<String> losses() {
        return ask(lane -> List.copyOf(lane.losses())).stream()
                .flatMap(List::stream)
                .toList();
    }

    /** @throws BenchmarkException unless every device is connected */
    Fleet requireWhole() {
        var missing = new ArrayList<>(refusals());
        missing.addAll(losses());
        if (!missing.isEmpty()) {
            throw new BenchmarkException(
                    "%d of %d devices are not connected: %s".formatted(missing.size(), devices, missing.getFirst()));
        }
        return this;
    }

    @Override
    public void close() {
        ask(lane -> {
            lane.close();
            return null;
        });
    }

    private interface Question<T> {
        T of(Lane lane);
    }

    /** Asks every lane on its own loop. */
    private <T> List<T> ask(Question<T> question) {
        var answers = new ArrayList<Future<T>>();
        for (var lane : lanes) {
            Callable<T> task = () -> question.of(lane);
            answers.add(lane.loop().submit(task));
        }
        var all = new ArrayList<T>();
        answers.forEach(answer -> all.add(await(answer, PATIENCE)));
        return all;
    }

    private static <T> T await(Future<T> future, Duration patience) {
        try {
            return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new BenchmarkException("no answer within " + patience, late);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", interrupted);
        }
    }
}
