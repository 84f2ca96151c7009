package io.freehub.benchmarks;

import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Back ends that call the REST API over connections that stay open, one call at a time on each; on one event loop. */
final class BackEnds implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);
    private static final long LONGEST_MICROS = Duration.ofMinutes(1).toNanos() / 1000;
    private static final long SHORTEST_PAUSE_NANOS = 50_000;
    private static final int MAX_ANSWER = 1 << 20;

    /**
     * What is called.
     *
     * @param status of the answer when all is well
     */
    record Call(HttpMethod method, String path, String body, int status) {}

    private final EventLoop loop;
    private final Supplier<Call> calls;
    private final String host;
    private final String token;
    private final List<Caller> callers = new ArrayList<>();
    private final Queue<Caller> idle = new ArrayDeque<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final Histogram latency = new Histogram(LONGEST_MICROS, 3);
    private final TreeMap<String, Integer> failures = new TreeMap<>();
    private boolean calling;
    private boolean closedLoop;
    private long succeeded;
    private long all;
    private long openLoopStart;
    private long openLoopIssued;
    private double openLoopInterval;

    /** Connects them; no call is made before {@link #start}. */
    BackEnds(HubUnderTest hub, EventLoop loop, int connections, Supplier<Call> calls) {
        this.loop = loop;
        this.calls = calls;
        this.host = hub.host();
        this.token = SasToken.create(
                host,
                new SymmetricKey(hub.owner().part("SharedAccessKey").orElseThrow()),
                Instant.now().plus(TOKEN_LIFE),
                hub.owner().part("SharedAccessKeyName"));
        var door = Door.tls(host, hub.ports().https(), hub.certificateAuthority());
        for (int i = 0; i < connections; i++) {
            var caller = new Caller();
            callers.add(caller);
            door.connect(loop, caller);
            await(caller.connected);
        }
    }

    /** Begins: each connection calls as fast as it is answered, or all together at a rate. */
    void start(Workload workload) {
        loop.execute(() -> {
            calling = true;
            idle.addAll(callers);
            if (workload instanceof Workload.OpenLoop(double callsPerSecond)) {
                openLoopInterval = 1e9 / callsPerSecond;
                openLoopStart = System.nanoTime();
                callWhatIsDue();
            } else {
                closedLoop = true;
                for (var caller = idle.poll(); caller != null; caller = idle.poll()) {
                    caller.call(System.nanoTime());
                }
            }
        });
    }

    private void callWhatIsDue() {
        if (!calling) {
            return;
        }
        long due = due();
        while (due <= System.nanoTime()) {
            var caller = idle.poll();
            if (caller == null) {
                break; // the call stays due; its latency counts all the same
            }
            caller.call(due);
            openLoopIssued++;
            due = due();
        }
        loop.schedule(
                this::callWhatIsDue, Math.max(SHORTEST_PAUSE_NANOS, due - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private long due() {
        return openLoopStart + (long) (openLoopIssued * openLoopInterval);
    }

    /** What is measured counts from now. */
    void reset() {
        ask(() -> {
            latency.reset();
            succeeded = 0;
            return 0;
        });
    }

    /** Calls that were answered as they must since {@link #reset}. */
    Lane.Measured measured() {
        return ask(() -> new Lane.Measured(succeeded, latency.copy()));
    }

    /** Calls that were answered as they must, since the beginning. */
    long all() {
        return ask(() -> all);
    }

    /** What else was answered, and how often. */
    TreeMap<String, Integer> failures() {
        return ask(() -> new TreeMap<>(failures));
    }

    /** Ends when all that was called is answered. */
    @Override
    public void close() {
        loop.execute(() -> {
            calling = false;
            completeWhenDrained();
        });
        await(drained);
        loop.execute(() -> callers.forEach(Caller::close));
    }

    private void completeWhenDrained() {
        if (!calling && callers.stream().noneMatch(caller -> caller.busy)) {
            drained.complete(null);
        }
    }

    private <T> T ask(Callable<T> question) {
        var answer = new CompletableFuture<T>();
        loop.execute(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception failed) {
                answer.completeExceptionally(failed);
            }
        });
        return await(answer);
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new BenchmarkException("no answer within " + PATIENCE, late);
        } catch (ExecutionException failed) {
            throw new BenchmarkException(String.valueOf(failed.getCause()), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", interrupted);
        }
    }

    /** One connection. */
    private final class Caller extends SimpleChannelInboundHandler<FullHttpResponse> {

        private final CompletableFuture<Void> connected = new CompletableFuture<>();
        private @Nullable ChannelHandlerContext context;
        private boolean busy;
        private long since;
        private int expected;

        @Override
        public void handlerAdded(ChannelHandlerContext channel) {
            channel.pipeline()
                    .addBefore(channel.name(), "http", new HttpClientCodec())
                    .addBefore(channel.name(), "whole", new HttpObjectAggregator(MAX_ANSWER));
        }

        @Override
        public void channelActive(ChannelHandlerContext channel) {
            context = channel;
            connected.complete(null);
        }

        void call(long at) {
            var call = calls.get();
            busy = true;
            since = at;
            expected = call.status();
            var request = new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1,
                    call.method(),
                    call.path() + "?api-version=2021-04-12",
                    Unpooled.copiedBuffer(call.body(), StandardCharsets.UTF_8));
            request.headers()
                    .set(HttpHeaderNames.HOST, host)
                    .set(HttpHeaderNames.AUTHORIZATION, token)
                    .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, request.content().readableBytes());
            context.writeAndFlush(request);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext channel, FullHttpResponse answer) {
            busy = false;
            if (answer.status().code() == expected) {
                latency.recordValue(Math.min(LONGEST_MICROS, (System.nanoTime() - since) / 1000));
                succeeded++;
                all++;
            } else {
                failed(answer.status() + " " + answer.content().toString(StandardCharsets.UTF_8));
            }
            next();
        }

        private void next() {
            if (!calling) {
                completeWhenDrained();
            } else if (closedLoop) {
                call(System.nanoTime());
            } else {
                idle.add(this);
            }
        }

        private void failed(String what) {
            failures.merge(what, 1, Integer::sum);
        }

        @Override
        public void channelInactive(ChannelHandlerContext channel) {
            if (calling || busy) {
                failed("the hub closed the connection");
                busy = false;
                completeWhenDrained();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
            connected.completeExceptionally(cause);
            failed(cause.toString());
            channel.close();
        }

        private void close() {
            if (context != null) {
                context.close();
            }
        }
    }
}
