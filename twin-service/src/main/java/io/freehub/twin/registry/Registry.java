package io.freehub.twin.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.service.http.RequestPath;
import io.freehub.service.policy.InternalToken;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Registry-service, which knows devices and modules, over HTTP with the hub's own token. */
@ApplicationScoped
public class Registry {

    private static final int MAX_WAITING = 10_000;
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().addModule(new Jdk8Module()).build();

    private final TwinConfig.Registry config;
    private final InternalToken token;
    private final HttpClient client;

    Registry(Vertx vertx, TwinConfig config, InternalToken token) {
        this.config = config.registry();
        this.token = token;
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) this.config.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(this.config.connections()).setMaxWaitQueueSize(MAX_WAITING));
    }

    /**
     * The device or module; empty when there is none. Fails with {@link HubError#SERVICE_UNAVAILABLE} when the registry
     * cannot say.
     */
    public Uni<Optional<RegisteredIdentity>> find(IdentityId identity) {
        return Uni.createFrom().completionStage(() -> ask(identity).toCompletionStage());
    }

    /**
     * Creates a module, with keys that the registry makes up. Empty when there is one of this id, or was none a moment ago and
     * its device is gone. Fails with {@link HubError#TOO_MANY_MODULES} when the device has as many as it may have, and as {@link #find}
     * does.
     */
    public Uni<Optional<RegisteredIdentity>> create(IdentityId module) {
        var body = Buffer.buffer(JsonText.write(Json.Fields.NONE
                .with("deviceId", new Json.Text(module.device().value()))
                .with("moduleId", new Json.Text(module.module().orElseThrow().value()))));
        return Uni.createFrom()
                .completionStage(() -> send(HttpMethod.PUT, module, body).toCompletionStage());
    }

    private Future<Optional<RegisteredIdentity>> ask(IdentityId identity) {
        return send(HttpMethod.GET, identity, Buffer.buffer());
    }

    private Future<Optional<RegisteredIdentity>> send(HttpMethod method, IdentityId identity, Buffer body) {
        var options = new RequestOptions()
                .setMethod(method)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI(new RequestPath(identity.path()).canonical() + "?api-version=2021-04-12");
        var authorization = token.authorization();
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options)
                .compose(request -> request.putHeader("Authorization", authorization)
                        .putHeader("Content-Type", "application/json")
                        .send(body)
                        .compose(response -> answer(identity, response)))
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(
                        failure instanceof HubException
                                ? failure
                                : new HubException(
                                        HubError.SERVICE_UNAVAILABLE,
                                        "the registry does not answer, try again in a moment",
                                        failure)));
    }

    private static Future<Optional<RegisteredIdentity>> answer(IdentityId identity, HttpClientResponse response) {
        return switch (response.statusCode()) {
            case 200 -> response.body().map(Registry::read).map(Optional::of);
            case 404, 409 -> response.end().map(_ -> Optional.empty());
            case 413 ->
                response.end()
                        .compose(_ -> Future.failedFuture(new HubException(
                                HubError.TOO_MANY_MODULES,
                                "device '" + identity.device() + "' has as many modules as it may have")));
            default ->
                response.end().compose(_ -> Future.failedFuture("registry-service answered " + response.statusCode()));
        };
    }

    private static RegisteredIdentity read(Buffer body) {
        try {
            return MAPPER.readValue(body.getBytes(), RegisteredIdentity.class);
        } catch (IOException e) {
            // Its message would quote the body, keys and all.
            throw new IllegalStateException("registry-service answered what is no identity");
        }
    }
}
