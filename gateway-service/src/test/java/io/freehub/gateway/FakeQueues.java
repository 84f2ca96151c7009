package io.freehub.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.FeedbackDelivery;
import io.freehub.model.HubError;
import io.freehub.model.MessageToDevice;
import io.freehub.service.json.HubJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Has the queues of devices as command-service has, and fails when and how the test says. */
final class FakeQueues implements AutoCloseable {

    private static final String PATH = "/internal/devices/";
    private static final String FEEDBACK = "/internal/feedback";
    private static final int HELD_AT_MOST_SECONDS = 20;

    private final Map<String, Queue<DeviceBoundMessage>> waiting = new ConcurrentHashMap<>();
    private final Map<String, DeviceBoundMessage> locked = new ConcurrentHashMap<>();
    private final List<String> settled = new CopyOnWriteArrayList<>();
    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private final Map<String, HubError> refusals = new ConcurrentHashMap<>();
    private final Queue<FeedbackDelivery> feedback = new ConcurrentLinkedQueue<>();
    private final Map<String, FeedbackDelivery> lockedFeedback = new ConcurrentHashMap<>();
    private final AtomicInteger polls = new AtomicInteger();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private volatile Optional<Integer> failure = Optional.empty();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch asked = new CountDownLatch(1);

    /** A message that a back end sent. */
    record Sent(String device, MessageToDevice message) {

        String text() {
            return new String(message.body(), StandardCharsets.UTF_8);
        }
    }

    FakeQueues(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext(PATH, exchange -> {
            try (exchange) {
                handle(exchange);
            }
        });
        server.createContext(FEEDBACK, exchange -> {
            try (exchange) {
                feedback(exchange);
            }
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    void add(String device, DeviceBoundMessage message) {
        waiting.computeIfAbsent(device, _ -> new ConcurrentLinkedQueue<>()).add(message);
    }

    /** Messages that back ends sent, in the order in which they came. */
    List<Sent> sent() {
        return sent;
    }

    /** Refuses messages to the device. */
    void refuse(String device, HubError error) {
        refusals.put(device, error);
    }

    /** There is a batch of feedback. */
    void addFeedback(String body) {
        feedback.add(
                new FeedbackDelivery(UUID.randomUUID().toString(), Instant.parse("2026-01-02T03:04:05.678Z"), body));
    }

    /** The locks of batches that somebody has. */
    List<String> lockedFeedback() {
        return List.copyOf(lockedFeedback.keySet());
    }

    /** From now on nobody has the batch. */
    void loseLock(String lockToken) {
        lockedFeedback.remove(lockToken);
    }

    /** How often somebody asked for feedback. */
    int polls() {
        return polls.get();
    }

    /** What was settled, as {@code device/lock/disposition}. */
    List<String> settled() {
        return settled;
    }

    List<String> authorizations() {
        return authorizations;
    }

    /** From now on this status answers all. */
    void failWith(int status) {
        failure = Optional.of(status);
    }

    void work() {
        failure = Optional.empty();
    }

    /** Answers no one until {@link #release()}. */
    void hold() {
        gate = new CountDownLatch(1);
        asked = new CountDownLatch(1);
    }

    /** Waits until somebody has asked and is held. */
    void awaitAsked() throws InterruptedException {
        if (!asked.await(HELD_AT_MOST_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody asked");
        }
    }

    void release() {
        gate.countDown();
    }

    private void handle(HttpExchange exchange) throws IOException {
        authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
        var path = exchange.getRequestURI().getPath().substring(PATH.length()).split("/");
        asked.countDown();
        try {
            if (!gate.await(HELD_AT_MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody released the queues");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure.isPresent()) {
            exchange.sendResponseHeaders(failure.get(), -1);
        } else if (path.length == 2 && path[1].equals("messages")) {
            send(exchange, path[0]);
        } else if (path.length == 2 && path[1].equals("deliveries")) {
            deliver(exchange, path[0]);
        } else {
            settle(exchange, path[0], path[2], path[3]);
        }
    }

    private void send(HttpExchange exchange, String device) throws IOException {
        var refusal = refusals.get(device);
        if (refusal != null) {
            var body = ("{\"Message\":\"ErrorCode:" + refusal.wireName() + ";no, " + device
                            + "\",\"ExceptionMessage\":\"Tracking ID:1\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("iothub-errorcode", refusal.wireName());
            exchange.sendResponseHeaders(refusal.httpStatus(), body.length);
            exchange.getResponseBody().write(body);
            return;
        }
        sent.add(new Sent(device, HubJson.read(exchange.getRequestBody().readAllBytes(), MessageToDevice.class)));
        exchange.sendResponseHeaders(204, -1);
    }

    private void feedback(HttpExchange exchange) throws IOException {
        authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
        var path = exchange.getRequestURI().getPath().substring(FEEDBACK.length());
        if (failure.isPresent()) {
            exchange.sendResponseHeaders(failure.get(), -1);
        } else if (path.isEmpty()) {
            var batch = feedback.poll();
            polls.incrementAndGet();
            if (batch == null) {
                exchange.sendResponseHeaders(204, -1);
                return;
            }
            lockedFeedback.put(batch.lockToken(), batch);
            var body = HubJson.write(batch);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } else {
            var parts = path.substring(1).split("/");
            var batch = lockedFeedback.remove(parts[0]);
            if (batch == null) {
                exchange.getResponseHeaders().add("iothub-errorcode", HubError.LOCK_LOST.wireName());
                exchange.sendResponseHeaders(412, -1);
                return;
            }
            settled.add(batch.body() + "/" + parts[1]);
            if (parts[1].equals("abandoned")) {
                addFeedback(batch.body());
            }
            exchange.sendResponseHeaders(204, -1);
        }
    }

    private void deliver(HttpExchange exchange, String device) throws IOException {
        var message =
                waiting.getOrDefault(device, new ConcurrentLinkedQueue<>()).poll();
        if (message == null) {
            exchange.sendResponseHeaders(204, -1);
            return;
        }
        locked.put(message.lockToken(), message);
        var body = HubJson.write(message);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    private void settle(HttpExchange exchange, String device, String lockToken, String disposition) throws IOException {
        var message = locked.remove(lockToken);
        if (message != null) {
            settled.add(device + "/" + lockToken + "/" + disposition);
            if (disposition.equals("abandoned")) {
                add(device, message);
            }
        }
        exchange.sendResponseHeaders(message == null ? 412 : 204, -1);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
