package io.freehub.gateway.identity;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.BearerRights;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.json.HubJson;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.TimeUnit;

/** What back ends may do that bring a token of the identity provider on a connection; the registry checks it. */
@ApplicationScoped
public class Bearers {

    private static final int CONNECTIONS = 4;

    /** Requests beyond these fail, and the client is asked to come again. */
    private static final int MAX_WAITING = 200;

    private final GatewayConfig.Registry config;
    private final HttpClient client;

    Bearers(Vertx vertx, GatewayConfig config) {
        this.config = config.registry();
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAliveTimeout(60).setConnectTimeout((int)
                        this.config.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(MAX_WAITING));
    }

    /**
     * The rights of whoever has this token; fails with a {@link HubException} of {@link HubError#UNAUTHORIZED} when it is
     * none of the provider, and in other ways when nobody can say.
     */
    public Future<BearerRights> find(String token) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(config.url().getHost())
                .setPort(config.url().getPort())
                .setSsl("https".equals(config.url().getScheme()))
                .setURI("/internal/caller?api-version=2021-04-12");
        // One chain on the request's own thread: an answer must not come before somebody takes its body.
        return client.request(options)
                .compose(request -> request.putHeader("Authorization", "Bearer " + token)
                        .send()
                        .compose(Bearers::answer))
                .timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Future<BearerRights> answer(HttpClientResponse response) {
        return switch (response.statusCode()) {
            case 200 -> response.body().map(body -> HubJson.read(body.getBytes(), BearerRights.class));
            case 401 ->
                response.end()
                        .compose(_ -> Future.failedFuture(new HubException(
                                HubError.UNAUTHORIZED, "the registry does not take the bearer token")));
            default ->
                response.end().compose(_ -> Future.failedFuture("registry-service answered " + response.statusCode()));
        };
    }
}
