package io.freehub.command.registry;

import io.freehub.command.CommandConfig;
import io.freehub.model.Credentials;
import io.freehub.model.CredentialsLookup;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.service.json.HubJson;
import io.freehub.service.policy.InternalToken;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Registry-service, which knows devices and modules, over HTTP with the hub's own token. */
@ApplicationScoped
public class Registry {

    private static final int MAX_WAITING = 10_000;

    private final CommandConfig.Registry config;
    private final InternalToken token;
    private final HttpClient client;

    Registry(Vertx vertx, CommandConfig config, InternalToken token) {
        this.config = config.registry();
        this.token = token;
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) this.config.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(this.config.connections()).setMaxWaitQueueSize(MAX_WAITING));
    }

    /**
     * Which life of the device or module there is now. Fails with {@link HubError#DEVICE_NOT_FOUND} or {@link
     * HubError#MODULE_NOT_FOUND} when there is none, and with {@link HubError#SERVICE_UNAVAILABLE} when the registry cannot
     * say.
     */
    public Uni<Long> generation(IdentityId identity) {
        return Uni.createFrom().completionStage(() -> find(identity).toCompletionStage());
    }

    private Future<Long> find(IdentityId identity) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI("/internal/credentials?api-version=2021-04-12");
        var authorization = token.authorization();
        var body = Buffer.buffer(HubJson.write(new CredentialsLookup(List.of(identity))));
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options)
                .compose(request -> request.putHeader("Authorization", authorization)
                        .putHeader("Content-Type", "application/json")
                        .send(body)
                        .compose(Registry::answer))
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(new HubException(
                        HubError.SERVICE_UNAVAILABLE, "the registry does not answer, try again in a moment", failure)))
                .map(found ->
                        found.map(Credentials::generationId).map(Long::valueOf).orElseThrow(() -> unknown(identity)));
    }

    private static Future<Optional<Credentials>> answer(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return response.end()
                    .compose(_ -> Future.failedFuture("registry-service answered " + response.statusCode()));
        }
        return response.body()
                .map(body -> HubJson.read(body.getBytes(), CredentialsLookup.Answer.class).credentials().stream()
                        .findFirst());
    }

    private static HubException unknown(IdentityId identity) {
        return new HubException(
                identity.isModule() ? HubError.MODULE_NOT_FOUND : HubError.DEVICE_NOT_FOUND,
                "there is no '" + identity + "'");
    }
}
