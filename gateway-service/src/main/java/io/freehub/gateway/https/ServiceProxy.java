package io.freehub.gateway.https;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.HubError;
import io.freehub.service.http.ErrorBody;
import io.freehub.service.http.RequestPath;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyOptions;
import io.vertx.httpproxy.ProxyResponse;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/** Passes requests of back ends on to a service; it checks the caller's token itself. */
final class ServiceProxy {

    private static final int MAX_WAITING = 10_000;

    private final GatewayConfig.Service service;
    private final HttpProxy proxy;
    private final long maxBody;

    ServiceProxy(Vertx vertx, GatewayConfig.Service service, long maxBody) {
        this.service = service;
        this.maxBody = maxBody;
        var client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) service.timeout().toMillis()),
                new PoolOptions().setHttp1MaxSize(service.connections()).setMaxWaitQueueSize(MAX_WAITING));
        proxy = HttpProxy.reverseProxy(new ProxyOptions().setSupportWebSocket(false), client)
                .origin(context -> request(client, context))
                .addInterceptor(new PlainPath())
                .addInterceptor(new Refusals());
    }

    void handle(HttpServerRequest request) {
        if (contentLength(request) > maxBody) {
            Answers.refuse(request, HubError.MESSAGE_TOO_LARGE, tooLarge());
            return;
        }
        if (Answers.expectsContinue(request)) {
            // The client waits for this, and the service is never told that it did.
            request.headers().remove(HttpHeaders.EXPECT);
            request.response().writeContinue();
        }
        proxy.handle(request);
    }

    /** A request to the service, unless the caller has hung up meanwhile; the proxy ends it if he does so later. */
    private Future<HttpClientRequest> request(HttpClient client, ProxyContext context) {
        var response = context.request().proxiedRequest().response();
        return client.request(new RequestOptions()
                        .setServer(SocketAddress.inetSocketAddress(
                                service.url().getPort(), service.url().getHost()))
                        // Also the longest wait for one of the connections.
                        .setConnectTimeout(service.timeout().toMillis()))
                .compose(request -> {
                    if (response.closed()) {
                        request.reset();
                        return Future.failedFuture("the caller has hung up");
                    }
                    return Future.succeededFuture(request);
                });
    }

    private String tooLarge() {
        return "the body is larger than " + maxBody + " bytes";
    }

    private static long contentLength(HttpServerRequest request) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // The server has already refused what is no number.
        return length == null ? 0 : Long.parseLong(length);
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

    /** Says in the hub's own words that a body is too large or a service away, where the proxy would send an empty 502. */
    private final class Refusals implements ProxyInterceptor {

        @Override
        public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
            var request = context.request();
            var length = request.getBody().length();
            var body = new LimitedBody(request.getBody().stream(), maxBody);
            request.setBody(length < 0 ? Body.body(body) : Body.body(body, length));
            return context.sendRequest().recover(_ -> {
                request.release();
                return Future.succeededFuture(
                        body.isOver()
                                ? refusal(context, HubError.MESSAGE_TOO_LARGE, tooLarge())
                                : refusal(
                                        context,
                                        HubError.SERVICE_UNAVAILABLE,
                                        "The service is not available. Try again later."));
            });
        }

        private static ProxyResponse refusal(ProxyContext context, HubError error, String detail) {
            var request = context.request().proxiedRequest();
            var requestId = UUID.randomUUID().toString();
            var body = ErrorBody.of(
                    error,
                    detail,
                    RequestPath.parse(Optional.ofNullable(request.path()).orElse("/")),
                    requestId,
                    Clock.systemUTC().instant());
            if (!request.isEnded()) {
                request.response().endHandler(_ -> Answers.closeGently(request));
            }
            return context.request()
                    .response()
                    .setStatusCode(error.httpStatus())
                    .putHeader(Answers.ERROR_CODE, error.wireName())
                    .putHeader(Answers.REQUEST_ID, requestId)
                    .putHeader("Content-Type", Answers.JSON)
                    .setBody(Body.body(io.vertx.core.buffer.Buffer.buffer(body.json())));
        }
    }
}
