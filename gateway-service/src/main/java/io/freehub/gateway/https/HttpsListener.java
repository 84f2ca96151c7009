package io.freehub.gateway.https;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.tls.ServerCertificates;
import io.freehub.model.HubError;
import io.freehub.service.http.RequestPath;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;

/**
 * The door for back ends: TLS ends here, and the service that owns the path answers. It checks the caller's token
 * itself.
 */
@ApplicationScoped
public class HttpsListener {

    private static final int MAX_WAITING = 10_000;

    /** As the services: a bearer token with many groups in it is longer than the 8 KiB that are usual. */
    private static final int MAX_HEADERS = 20 * 1024;

    private final Vertx vertx;
    private final GatewayConfig config;
    private final ServerCertificates certificates;
    private Optional<HttpServer> server = Optional.empty();

    HttpsListener(Vertx vertx, GatewayConfig config, ServerCertificates certificates) {
        this.vertx = vertx;
        this.config = config;
        this.certificates = certificates;
    }

    /** Opens the door. */
    public Future<Void> start() {
        var options = new HttpServerOptions()
                .setHost(config.bind())
                .setPort(config.https().port())
                .setIdleTimeout(120)
                .setMaxHeaderSize(MAX_HEADERS)
                .setCompressionSupported(false);
        certificates.applyTo(options);
        var registry = config.registry().url();
        var client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) config.registry().timeout().toMillis()),
                new PoolOptions()
                        .setHttp1MaxSize(config.registry().connections())
                        .setMaxWaitQueueSize(MAX_WAITING));
        var proxy = HttpProxy.reverseProxy(client)
                .origin(registry.getPort(), registry.getHost())
                .addInterceptor(new PlainPath())
                .addInterceptor(new Unavailable());
        server = Optional.of(vertx.createHttpServer(options).requestHandler(proxy));
        return server.get().listen().mapEmpty();
    }

    /** Closes the door. */
    public Future<Void> stop() {
        return server.map(HttpServer::close).orElse(Future.succeededFuture());
    }

    /** Clients encode paths in ways that no router reads; the services get the one way that all do. */
    private static final class PlainPath implements ProxyInterceptor {

        @Override
        public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
            var request = context.request();
            var uri = request.getURI();
            int query = uri.indexOf('?');
            var path = query < 0 ? uri : uri.substring(0, query);
            if (!RequestPath.isCanonical(path)) {
                request.setURI(RequestPath.parse(path).canonical() + (query < 0 ? "" : uri.substring(query)));
            }
            return context.sendRequest();
        }
    }

    /** Says in the hub's own words that a service is away, where the proxy would send an empty 502. */
    private static final class Unavailable implements ProxyInterceptor {

        @Override
        public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
            return context.sendRequest().recover(_ -> {
                context.request().release();
                return Future.succeededFuture(unavailable(context));
            });
        }

        private static ProxyResponse unavailable(ProxyContext context) {
            var error = HubError.SERVICE_UNAVAILABLE;
            var trackingId = UUID.randomUUID().toString();
            var body = new JsonObject()
                    .put("Message", "ErrorCode:" + error.wireName() + ";The service is not available. Try again later.")
                    .put("ExceptionMessage", "Tracking ID:" + trackingId);
            return context.request()
                    .response()
                    .setStatusCode(error.httpStatus())
                    .putHeader("iothub-errorcode", error.wireName())
                    .putHeader("x-ms-request-id", trackingId)
                    .putHeader("Content-Type", "application/json; charset=utf-8")
                    .setBody(io.vertx.httpproxy.Body.body(body.toBuffer()));
        }
    }
}
