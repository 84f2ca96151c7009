package io.freehub.twin.command;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.service.http.RequestPath;
import io.freehub.service.policy.InternalToken;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Command-service, which calls methods of devices, over HTTP with the hub's own token. */
@ApplicationScoped
public class Commands {

    private final TwinConfig.Commands config;
    private final InternalToken token;
    private final HttpClient client;

    Commands(Vertx vertx, TwinConfig config, InternalToken token) {
        this.config = config.commands();
        this.token = token;
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) this.config.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(this.config.connections()));
    }

    /**
     * A call that is under way.
     *
     * @param answer fails with what command-service says is wrong; with {@link HubError#SERVICE_UNAVAILABLE} when that says
     *     nothing of the device, and the call is to be made again
     * @param hangUp nobody waits for the answer any more
     */
    public record Call(Future<MethodResponse> answer, Runnable hangUp) {}

    /**
     * Calls a method.
     *
     * @param call as a back end sends it
     * @param patience how long command-service may wait for the device
     */
    public Call call(IdentityId device, Json.Fields call, Duration patience) {
        var path = List.of("twins", device.device().value(), "methods");
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI(new RequestPath(path).canonical() + "?api-version=2021-04-12");
        var sent = new AtomicReference<HttpClientRequest>();
        var answer = Future.succeededFuture()
                .map(_ -> token.authorization())
                .compose(authorization -> client.request(options)
                        // One chain on the request's own thread: an answer must not come before somebody takes its
                        // body.
                        .compose(request -> {
                            sent.set(request);
                            return request.putHeader("Authorization", authorization)
                                    .putHeader("Content-Type", "application/json")
                                    .send(Buffer.buffer(JsonText.write(call)))
                                    .compose(Commands::answer);
                        }))
                .timeout(patience.plus(config.timeout()).toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(_ -> hangUp(sent))
                .recover(failure -> Future.failedFuture(
                        failure instanceof HubException
                                ? failure
                                : new HubException(
                                        HubError.SERVICE_UNAVAILABLE,
                                        "command-service does not answer, try again in a moment",
                                        failure)));
        return new Call(answer, () -> hangUp(sent));
    }

    private static void hangUp(AtomicReference<HttpClientRequest> sent) {
        Optional.ofNullable(sent.get()).ifPresent(HttpClientRequest::reset);
    }

    private static Future<MethodResponse> answer(HttpClientResponse response) {
        return response.body().map(body -> response.statusCode() == 200 ? read(body) : failed(response, body));
    }

    private static MethodResponse read(Buffer body) {
        var answer = JsonText.readObject(body.getBytes());
        if (answer.get("status").orElse(new Json.Null()) instanceof Json.Number(var status)) {
            return new MethodResponse(
                    Integer.parseInt(status), answer.get("payload").orElse(new Json.Null()));
        }
        throw new IllegalStateException("command-service answered what is no answer of a method");
    }

    private static MethodResponse failed(HttpClientResponse response, Buffer body) {
        var error = Optional.ofNullable(response.getHeader("iothub-errorcode"))
                .flatMap(name -> Arrays.stream(HubError.values())
                        .filter(known -> known.wireName().equals(name))
                        .findFirst())
                // Those say nothing of the device.
                .filter(known -> known.httpStatus() != 401
                        && known != HubError.THROTTLED
                        && known != HubError.SERVICE_UNAVAILABLE
                        && known != HubError.NOT_FOUND)
                .orElseThrow(() -> new IllegalStateException("command-service answered " + response.statusCode()));
        throw new HubException(error, message(body).orElse(error.wireName()));
    }

    /** Bodies of errors about twins hold JSON text with the message. */
    private static Optional<String> message(Buffer body) {
        try {
            return text(JsonText.readObject(body.getBytes()), "Message")
                    .flatMap(inner -> text(JsonText.readObject(inner), "message"));
        } catch (HubException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(Json.Fields fields, String name) {
        return fields.get(name).map(value -> value instanceof Json.Text(var text) ? text : "");
    }
}
