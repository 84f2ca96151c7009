package io.freehub.gateway.identity;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.AccessPolicy;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceIdentity;
import io.freehub.model.DeviceIdentity.Authentication;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.service.HubSettings;
import io.freehub.service.policy.AccessPolicies;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What the registry knows of a device, asked over HTTP when it connects. Many connects of one device at the same time
 * share a request; a registry that is away is asked again until the caller's deadline.
 */
@ApplicationScoped
public class DeviceRegistry {

    private static final Duration TOKEN_LIFE = Duration.ofHours(1);
    private static final Duration RETRY = Duration.ofMillis(250);

    private final Vertx vertx;
    private final GatewayConfig.Registry config;
    private final HubSettings hub;
    private final AccessPolicies policies;
    private final HttpClient client;
    private final Map<DeviceId, Future<Optional<DeviceIdentity>>> underWay = new ConcurrentHashMap<>();
    private volatile Token token = new Token("", Instant.MIN);

    private record Token(String text, Instant renewAt) {}

    DeviceRegistry(Vertx vertx, GatewayConfig config, HubSettings hub, AccessPolicies policies) {
        this.vertx = vertx;
        this.config = config.registry();
        this.hub = hub;
        this.policies = policies;
        // Who waits in the queue is a connection that is not admitted yet, so their bound is the queue's.
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAliveTimeout(60).setConnectTimeout((int)
                        this.config.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(this.config.connections()).setMaxWaitQueueSize(-1));
    }

    /**
     * The identity of the device.
     *
     * @param deadline when the future fails if the registry has not answered
     */
    public Future<Optional<DeviceIdentity>> find(DeviceId device, Instant deadline) {
        return share(device)
                .recover(failure -> Instant.now().plus(RETRY).isAfter(deadline)
                        ? Future.failedFuture(failure)
                        : vertx.timer(RETRY.toMillis()).compose(_ -> find(device, deadline)));
    }

    private Future<Optional<DeviceIdentity>> share(DeviceId device) {
        var request = underWay.get(device);
        if (request != null) {
            return request;
        }
        var own = Promise.<Optional<DeviceIdentity>>promise();
        var other = underWay.putIfAbsent(device, own.future());
        if (other != null) {
            return other;
        }
        ask(device).onComplete(result -> {
            underWay.remove(device, own.future());
            own.handle(result);
        });
        return own.future();
    }

    /** Forgets a request under way, so that the next look-up sees what changed meanwhile. */
    public void forget(DeviceId device) {
        underWay.remove(device);
    }

    private Future<Optional<DeviceIdentity>> ask(DeviceId device) {
        var path = "/devices/" + URLEncoder.encode(device.value(), StandardCharsets.UTF_8) + "?api-version=2021-04-12";
        var options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI(path);
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options)
                .compose(request ->
                        request.putHeader("Authorization", token()).send().compose(DeviceRegistry::identity))
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Future<Optional<DeviceIdentity>> identity(HttpClientResponse response) {
        return switch (response.statusCode()) {
            case 200 -> response.body().map(body -> Optional.of(identity(body.toJsonObject())));
            case 404 -> response.end().map(Optional.empty());
            default ->
                response.end().compose(_ -> Future.failedFuture("registry-service answered " + response.statusCode()));
        };
    }

    private static DeviceIdentity identity(JsonObject json) {
        return new DeviceIdentity(
                new DeviceId(json.getString("deviceId")),
                json.getString("generationId"),
                version(json.getString("etag")),
                DeviceIdentity.Status.ENABLED.wireName().equals(json.getString("status"))
                        ? DeviceIdentity.Status.ENABLED
                        : DeviceIdentity.Status.DISABLED,
                Optional.ofNullable(json.getString("statusReason")),
                authentication(json.getJsonObject("authentication")));
    }

    private static Authentication authentication(JsonObject json) {
        return switch (json.getString("type")) {
            case "sas" -> {
                var keys = json.getJsonObject("symmetricKey");
                yield new Authentication.Sas(new SymmetricKeys(
                        new SymmetricKey(keys.getString("primaryKey")),
                        new SymmetricKey(keys.getString("secondaryKey"))));
            }
            case "selfSigned" -> {
                var prints = json.getJsonObject("x509Thumbprint");
                yield new Authentication.SelfSigned(
                        Optional.ofNullable(prints.getString("primaryThumbprint")),
                        Optional.ofNullable(prints.getString("secondaryThumbprint")));
            }
            default -> new Authentication.CertificateAuthority();
        };
    }

    /** An etag is the base64 of the version in decimal. */
    private static long version(String etag) {
        return Long.parseLong(new String(Base64.getDecoder().decode(etag), StandardCharsets.US_ASCII));
    }

    private String token() {
        var now = Clock.systemUTC().instant();
        if (now.isAfter(token.renewAt())) {
            var policy = policies.find(AccessPolicy.INTERNAL)
                    .orElseThrow(() -> new IllegalStateException("the hub's own policy is not known yet"));
            var expiry = now.plus(TOKEN_LIFE);
            token = new Token(
                    SasToken.create(hub.host(), policy.keys().primary(), expiry, Optional.of(policy.name())),
                    now.plus(TOKEN_LIFE.dividedBy(2)));
        }
        return token.text();
    }
}
