package io.freehub.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freehub.model.Authentication;
import io.freehub.model.BearerRights;
import io.freehub.model.Credentials;
import io.freehub.model.CredentialsLookup;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.SymmetricKeys;
import io.freehub.service.json.HubJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers look-ups of credentials, and {@code GET /devices/{id}}, as registry-service does, and does what a real one
 * cannot be made to do on demand: hold its answers back, or fail.
 */
final class FakeRegistry {

    private static final int HELD_AT_MOST_SECONDS = 20;

    private final Map<IdentityId, Credentials> identities = new ConcurrentHashMap<>();
    private final Map<String, BearerRights> bearers = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger failing = new AtomicInteger();
    private final HttpServer server;
    private volatile String authorization = "";
    private volatile CountDownLatch gate = new CountDownLatch(0);

    FakeRegistry(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/internal/credentials", exchange -> {
            try (exchange) {
                requests.incrementAndGet();
                await(gate);
                var lookup = HubJson.read(exchange.getRequestBody().readAllBytes(), CredentialsLookup.class);
                boolean fail = failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
                boolean authorized = exchange.getRequestHeaders().getFirst("Authorization") != null;
                var found = lookup.identities().stream()
                        .map(identities::get)
                        .filter(Objects::nonNull)
                        .toList();
                answer(
                        exchange,
                        fail ? 503 : authorized ? 200 : 401,
                        HubJson.write(new CredentialsLookup.Answer(found)));
            }
        });
        server.createContext("/internal/caller", exchange -> {
            try (exchange) {
                requests.incrementAndGet();
                var shown =
                        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Authorization"), "");
                var rights = bearers.get(shown);
                answer(exchange, rights == null ? 401 : 200, rights == null ? new byte[] {1} : HubJson.write(rights));
            }
        });
        server.createContext("/devices/", exchange -> {
            try (exchange) {
                var id = URLDecoder.decode(
                        exchange.getRequestURI().getRawPath().substring("/devices/".length()), StandardCharsets.UTF_8);
                authorization =
                        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Authorization"), "");
                exchange.getRequestBody().readAllBytes();
                boolean known = identities.containsKey(IdentityId.parse(id));
                answer(
                        exchange,
                        known ? 200 : 404,
                        "{\"deviceId\":\"%s\"}".formatted(id).getBytes(StandardCharsets.UTF_8));
            }
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** An enabled device or module with keys. */
    SymmetricKeys add(String id) {
        var keys = SymmetricKeys.generate();
        add(id, new Authentication.Sas(keys));
        return keys;
    }

    void add(String id, Authentication authentication) {
        var identity = IdentityId.parse(id);
        identities.put(identity, new Credentials(identity, "g-" + id, true, authentication));
    }

    /** A back end with a token of the identity provider. */
    void addBearer(String token, BearerRights rights) {
        bearers.put("Bearer " + token, rights);
    }

    /** The identity hears this when it comes back. */
    void keep(String id, KeptSubscriptions kept) {
        identities.computeIfPresent(
                IdentityId.parse(id),
                (identity, was) ->
                        new Credentials(identity, was.generationId(), was.enabled(), was.authentication(), kept));
    }

    void disable(String id) {
        identities.computeIfPresent(
                IdentityId.parse(id),
                (identity, was) -> new Credentials(identity, was.generationId(), false, was.authentication()));
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

    /** What the last request brought. */
    String authorization() {
        return authorization;
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

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
