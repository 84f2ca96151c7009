package io.freehub.gateway.https;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.Disposition;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.http.RequestPath;
import io.freehub.service.json.HubJson;
import io.freehub.service.policy.InternalToken;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The queues of messages to devices, which command-service has. */
@ApplicationScoped
class DeviceQueues {

    private final GatewayConfig.Commands config;
    private final Duration patience;
    private final InternalToken token;
    private final HttpClient client;

    private record Answer(int status, Buffer body) {}

    DeviceQueues(Vertx vertx, GatewayConfig config, InternalToken token) {
        this.config = config.commands();
        this.patience = config.https().deviceTimeout();
        this.token = token;
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAliveTimeout(60).setConnectTimeout((int)
                        this.config.timeout().toMillis()),
                // Who waits is a request of a device, of which there is a bounded number.
                new PoolOptions().setHttp1MaxSize(this.config.deviceConnections()));
    }

    /**
     * Locks the oldest message that waits; empty when none does. Fails with {@link HubException}, or when the service does
     * not answer as it should.
     */
    Future<Optional<DeviceBoundMessage>> receive(DeviceId device) {
        return ask("internal", "devices", device.value(), "deliveries").compose(answer -> switch (answer.status()) {
            case 200 ->
                Future.succeededFuture(Optional.of(HubJson.read(answer.body().getBytes(), DeviceBoundMessage.class)));
            case 204 -> Future.succeededFuture(Optional.empty());
            default -> failed(answer.status());
        });
    }

    /** Settles a message that the device has locked. Fails with {@link HubError#LOCK_LOST} when it has not. */
    Future<Void> settle(DeviceId device, String lockToken, Disposition disposition) {
        return ask(
                        "internal",
                        "devices",
                        device.value(),
                        "deliveries",
                        lockToken,
                        disposition.name().toLowerCase(Locale.ROOT))
                .compose(answer -> answer.status() == 204 ? Future.succeededFuture() : failed(answer.status()));
    }

    private static <T> Future<T> failed(int status) {
        return Future.failedFuture(
                switch (status) {
                    case 404 -> new HubException(HubError.DEVICE_NOT_FOUND, "there is no such device");
                    case 412 -> lockLost();
                    case 429 -> new HubException(HubError.THROTTLED, "too many requests, try again later");
                    default -> new IllegalStateException("command-service answered " + status);
                });
    }

    /** What is said of a lock that is not, or no longer, the device's. */
    static HubException lockLost() {
        return new HubException(
                HubError.LOCK_LOST, "the message is not locked by this token: it was settled, or the lock has expired");
    }

    private Future<Answer> ask(String... path) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI(new RequestPath(List.of(path)).canonical() + "?api-version=2021-04-12")
                // The device is answered by then, and so nothing may hold the connection.
                .setTimeout(patience.toMillis());
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options).compose(request -> request.putHeader("Authorization", token.authorization())
                .send()
                .compose(response -> response.body().map(body -> new Answer(response.statusCode(), body))));
    }
}
