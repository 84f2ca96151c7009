package io.freehub.gateway.command;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.http.RequestPath;
import io.freehub.service.policy.InternalToken;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Command-service, which has the queues of devices and feedback, over HTTP with the hub's own token. */
@ApplicationScoped
public class CommandService {

    /** Requests that wait for a connection. Devices and links have a bounded number each; there may be many of these. */
    private static final int MAX_WAITING = 10_000;

    private final GatewayConfig.Commands config;
    private final InternalToken token;
    private final HttpClient client;

    /**
     * What it answered.
     *
     * @param errorCode name of the error, if it is one
     */
    public record Answer(int status, Optional<String> errorCode, Buffer body) {

        /** What it says is wrong with the request, in the words of the catalogue; empty when it is not the request. */
        public Optional<HubException> refusal() {
            return errorCode
                    .filter(_ -> status >= 400 && status < 500 && status != 401)
                    .flatMap(name -> Arrays.stream(HubError.values())
                            .filter(error -> error.wireName().equals(name))
                            .findFirst())
                    .map(error -> new HubException(error, text().orElse(error.wireName())));
        }

        private Optional<String> text() {
            try {
                return Optional.ofNullable(new JsonObject(body).getString("Message"))
                        .map(message -> message.substring(message.indexOf(';') + 1));
            } catch (DecodeException | ClassCastException e) {
                return Optional.empty();
            }
        }
    }

    CommandService(Vertx vertx, GatewayConfig config, InternalToken token) {
        this.config = config.commands();
        this.token = token;
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAliveTimeout(60).setConnectTimeout((int)
                        this.config.timeout().toMillis()),
                new PoolOptions()
                        .setHttp1MaxSize(this.config.deviceConnections())
                        .setMaxWaitQueueSize(MAX_WAITING));
    }

    /**
     * Asks, by POST; fails when there is no answer.
     *
     * @param path not encoded
     * @param patience until then there is an answer, or it fails with a {@link java.util.concurrent.TimeoutException}
     */
    public Future<Answer> ask(List<String> path, Buffer body, Duration patience) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI(new RequestPath(path).canonical() + "?api-version=2021-04-12")
                // Whoever asked is answered by then, and so nothing may hold the connection.
                .setTimeout(patience.toMillis());
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options).compose(request -> request.putHeader("Authorization", token.authorization())
                .send(body)
                .compose(response -> response.body()
                        .map(answer -> new Answer(
                                response.statusCode(),
                                Optional.ofNullable(response.getHeader("iothub-errorcode")),
                                answer))));
    }
}
