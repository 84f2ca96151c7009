package io.freehub.gateway;

import com.sun.net.httpserver.HttpServer;
import io.freehub.model.DeviceIdentity.Status;
import io.freehub.model.SymmetricKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers {@code GET /devices/{id}} as registry-service does, and does what a real one cannot be made to do on demand:
 * hold its answers back, or fail.
 */
final class FakeRegistry {

    private static final int HELD_AT_MOST_SECONDS = 20;

    /** A device that the registry knows. */
    record Device(SymmetricKeys keys, Status status, long version) {}

    private final Map<String, Device> devices = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger failing = new AtomicInteger();
    private final HttpServer server;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    FakeRegistry(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/devices/", exchange -> {
            try (exchange) {
                requests.incrementAndGet();
                await(gate);
                var id = URLDecoder.decode(
                        exchange.getRequestURI().getRawPath().substring("/devices/".length()), StandardCharsets.UTF_8);
                var device = devices.get(id);
                boolean fail = failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
                boolean known = exchange.getRequestHeaders().getFirst("Authorization") != null;
                var body = device == null ? "{}" : json(id, device);
                var bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(fail ? 503 : !known ? 401 : device == null ? 404 : 200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    SymmetricKeys add(String id) {
        var keys = SymmetricKeys.generate();
        devices.put(id, new Device(keys, Status.ENABLED, 1));
        return keys;
    }

    void disable(String id) {
        devices.computeIfPresent(id, (_, device) -> new Device(device.keys(), Status.DISABLED, device.version() + 1));
    }

    /** Answers no one until {@link #release()}. */
    void hold() {
        gate = new CountDownLatch(1);
    }

    void release() {
        gate.countDown();
    }

    /** The next so many requests fail. */
    void failNext(int count) {
        failing.set(count);
    }

    int requests() {
        return requests.get();
    }

    void stop() {
        server.stop(0);
    }

    private static void await(CountDownLatch gate) {
        try {
            if (!gate.await(HELD_AT_MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody released the registry");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String json(String id, Device device) {
        var etag = Base64.getEncoder()
                .encodeToString(Long.toString(device.version()).getBytes(StandardCharsets.US_ASCII));
        return """
                {"deviceId":"%s","generationId":"g-%s","etag":"%s","status":"%s","statusReason":null,
                 "authentication":{"type":"sas","symmetricKey":{"primaryKey":"%s","secondaryKey":"%s"}}}
                """.formatted(
                        id,
                        id,
                        etag,
                        device.status().wireName(),
                        device.keys().primary().base64(),
                        device.keys().secondary().base64());
    }
}
