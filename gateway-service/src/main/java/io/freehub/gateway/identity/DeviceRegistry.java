package io.freehub.gateway.identity;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.Credentials;
import io.freehub.model.CredentialsLookup;
import io.freehub.model.IdentityId;
import io.freehub.service.json.HubJson;
import io.freehub.service.policy.InternalToken;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the registry knows of devices and modules, asked over HTTP when they connect. A single connect is asked for at
 * once; when many come, those that arrive while requests are under way go together in the next one. Connects of one
 * identity at the same time share a look-up, and a registry that is away is asked again until the caller's deadline.
 */
@ApplicationScoped
public class DeviceRegistry {

    /** Few, so that a rush of connects gathers into large look-ups, which cost the registry least. */
    private static final int MAX_REQUESTS = 2;

    private static final Duration RETRY = Duration.ofMillis(250);

    private final Vertx vertx;
    private final GatewayConfig.Registry config;
    private final InternalToken token;
    private final HttpClient client;

    private final RecentCredentials recent = new RecentCredentials();

    // Guarded by this. Who waits is a connection or a request that is not admitted yet, so their bound is that of
    // these.
    private final Map<IdentityId, Lookup> underWay = new HashMap<>();
    private final Queue<Lookup> waiting = new ArrayDeque<>();
    private int requests;

    private record Lookup(IdentityId identity, Promise<Optional<Credentials>> answer) {}

    DeviceRegistry(Vertx vertx, GatewayConfig config, InternalToken token) {
        this.vertx = vertx;
        this.config = config.registry();
        this.token = token;
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAliveTimeout(60).setConnectTimeout((int)
                        this.config.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(MAX_REQUESTS));
    }

    /**
     * The credentials of the identity; empty when there is no such identity.
     *
     * @param deadline when the future fails if the registry has not answered
     */
    public Future<Optional<Credentials>> find(IdentityId identity, Instant deadline) {
        return share(identity)
                .recover(failure -> Instant.now().plus(RETRY).isAfter(deadline)
                        ? Future.failedFuture(failure)
                        : vertx.timer(RETRY.toMillis()).compose(_ -> find(identity, deadline)));
    }

    /**
     * The same, for who comes again and again: what was found less than a minute ago is not asked for once more, unless it
     * has changed.
     */
    public Future<Optional<Credentials>> findRecent(IdentityId identity, Instant deadline) {
        var known = recent.find(identity);
        if (known.isPresent()) {
            return Future.succeededFuture(known);
        }
        long state = recent.state();
        return find(identity, deadline)
                .onSuccess(found -> found.ifPresent(credentials -> recent.keep(credentials, state)));
    }

    /** Forgets what is known of the identity and its modules, so that the next look-up sees what changed meanwhile. */
    public void forget(IdentityId identity) {
        synchronized (this) {
            if (identity.isModule()) {
                underWay.remove(identity);
            } else {
                underWay.keySet().removeIf(other -> other.device().equals(identity.device()));
            }
        }
        recent.forget(identity.device());
    }

    private Future<Optional<Credentials>> share(IdentityId identity) {
        Lookup lookup;
        synchronized (this) {
            var other = underWay.get(identity);
            if (other != null) {
                return other.answer().future();
            }
            lookup = new Lookup(identity, Promise.promise());
            underWay.put(identity, lookup);
            waiting.add(lookup);
        }
        askNext();
        return lookup.answer().future();
    }

    private void askNext() {
        var batch = new ArrayList<Lookup>();
        synchronized (this) {
            if (requests == MAX_REQUESTS || waiting.isEmpty()) {
                return;
            }
            requests++;
            while (batch.size() < CredentialsLookup.MAX_IDENTITIES && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
        }
        ask(batch.stream().map(Lookup::identity).toList()).onComplete(result -> {
            synchronized (this) {
                requests--;
                batch.forEach(lookup -> underWay.remove(lookup.identity(), lookup));
            }
            askNext();
            batch.forEach(lookup ->
                    lookup.answer().handle(result.map(found -> Optional.ofNullable(found.get(lookup.identity())))));
        });
    }

    private Future<Map<IdentityId, Credentials>> ask(List<IdentityId> identities) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI("/internal/credentials?api-version=2021-04-12");
        var body = Buffer.buffer(HubJson.write(new CredentialsLookup(identities)));
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options)
                .compose(request -> request.putHeader("Authorization", token.authorization())
                        .putHeader("Content-Type", "application/json")
                        .send(body)
                        .compose(DeviceRegistry::answer))
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Future<Map<IdentityId, Credentials>> answer(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return response.end()
                    .compose(_ -> Future.failedFuture("registry-service answered " + response.statusCode()));
        }
        return response.body()
                .map(body -> HubJson.read(body.getBytes(), CredentialsLookup.Answer.class).credentials().stream()
                        .collect(Collectors.toMap(Credentials::identity, Function.identity())));
    }
}
