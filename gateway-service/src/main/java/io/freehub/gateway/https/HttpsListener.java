package io.freehub.gateway.https;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.tls.ServerCertificates;
import io.freehub.gateway.websocket.WebSocketDoor;
import io.freehub.model.HubError;
import io.freehub.service.http.RequestPath;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The one door for all that is HTTP: requests of devices are answered here, WebSockets become connections of MQTT, and
 * what back ends ask for goes to the service that owns the path.
 */
@ApplicationScoped
public class HttpsListener {

    /** All properties of a message come as headers, and a bearer token may have many groups in it. */
    private static final int MAX_HEADERS = 64 << 10;

    private static final int MAX_REQUEST_LINE = 8 << 10;

    /** A connection on which nothing moves is closed: not before the longest call of a method (600 s) has its answer. */
    private static final int IDLE_SECONDS = 660;

    private final Vertx vertx;
    private final GatewayConfig config;
    private final ServerCertificates certificates;
    private final DeviceMessages messages;
    private final DeviceBoundMessages deviceBound;
    private final WebSocketDoor webSockets;
    private final ServiceProxy registry;
    private final ServiceProxy twins;
    private final ServiceProxy commands;
    private final AtomicInteger connections = new AtomicInteger();
    private Optional<String> deployment = Optional.empty();

    HttpsListener(
            Vertx vertx,
            GatewayConfig config,
            ServerCertificates certificates,
            DeviceMessages messages,
            DeviceBoundMessages deviceBound,
            WebSocketDoor webSockets,
            MeterRegistry metrics) {
        this.vertx = vertx;
        this.config = config;
        this.certificates = certificates;
        this.messages = messages;
        this.deviceBound = deviceBound;
        this.webSockets = webSockets;
        this.registry =
                new ServiceProxy(vertx, config.registry(), config.https().maxBody());
        this.twins = new ServiceProxy(vertx, config.twins(), config.https().maxBody());
        this.commands =
                new ServiceProxy(vertx, config.commands(), config.https().maxBody());
        metrics.gauge("freehub.https.connections", connections);
    }

    /** Opens the door. */
    public Future<Void> start() {
        var options = new HttpServerOptions()
                .setHost(config.bind())
                .setPort(config.https().port())
                .setIdleTimeout(IDLE_SECONDS)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setAcceptBacklog(4096)
                .setCompressionSupported(false);
        certificates.applyTo(options);
        // One server instance for each event loop shares the port, so that connections spread over all of them.
        int instances = Math.max(2, Runtime.getRuntime().availableProcessors());
        return vertx.deployVerticle(() -> new Door(options), new DeploymentOptions().setInstances(instances))
                .onSuccess(id -> deployment = Optional.of(id))
                .mapEmpty();
    }

    /** Closes the door, and with it the connections that came in. */
    public Future<Void> stop() {
        return deployment.map(vertx::undeploy).orElse(Future.succeededFuture());
    }

    private final class Door extends AbstractVerticle {

        private final HttpServerOptions options;

        private Door(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public void start(Promise<Void> started) {
            vertx.createHttpServer(options)
                    .connectionHandler(HttpsListener.this::connected)
                    .requestHandler(HttpsListener.this::requested)
                    .exceptionHandler(_ -> {
                        // A handshake that failed is the client's affair.
                    })
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }

    private void connected(HttpConnection connection) {
        if (connections.get() >= config.https().maxConnections()) {
            connection.close();
            return;
        }
        // A connection that breaks is the client's affair too.
        connection.exceptionHandler(_ -> {});
        ((ConnectionBase) connection)
                .channel()
                .pipeline()
                .addBefore(
                        "handler",
                        "watch",
                        new RequestWatch(connections, config.https().requestTimeout()));
    }

    private void requested(HttpServerRequest request) {
        var path = RequestPath.parse(Optional.ofNullable(request.path()).orElse("/"));
        switch (Route.of(request.method(), path.segments())) {
            case Route.WebSocket _ -> webSockets.upgrade(request);
            case Route.Events events -> messages.handle(request, events);
            case Route.DeviceBound bound -> deviceBound.handle(request, bound);
            case Route.Missing _ -> Answers.refuseDevice(request, HubError.NOT_FOUND, nothingAt(request));
            case Route.Hidden _ -> Answers.refuse(request, HubError.NOT_FOUND, nothingAt(request));
            case Route.Twins _ -> twins.handle(request);
            case Route.Commands _ -> commands.handle(request);
            case Route.Registry _ -> registry.handle(request);
        }
    }

    private static String nothingAt(HttpServerRequest request) {
        return "there is nothing at " + request.method() + " " + request.path();
    }
}
