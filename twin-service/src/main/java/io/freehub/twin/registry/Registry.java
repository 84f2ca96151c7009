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

/** What registry-service knows of devices and modules, asked over HTTP with the hub's own token. */
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

    private Future<Optional<RegisteredIdentity>> ask(IdentityId identity) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI(new RequestPath(identity.path()).canonical() + "?api-version=2021-04-12");
        var authorization = token.authorization();
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options)
                .compose(request ->
                        request.putHeader("Authorization", authorization).send().compose(Registry::answer))
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(new HubException(
                        HubError.SERVICE_UNAVAILABLE, "the registry does not answer, try again in a moment", failure)));
    }

    private static Future<Optional<RegisteredIdentity>> answer(HttpClientResponse response) {
        return switch (response.statusCode()) {
            case 200 -> response.body().map(Registry::read).map(Optional::of);
            case 404 -> response.end().map(_ -> Optional.empty());
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
