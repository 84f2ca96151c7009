package io.freehub.gateway.mqtt;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.tls.ServerCertificates;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The doors for MQTT: over TLS and, where asked for, in the clear on the loopback address. */
@ApplicationScoped
public class MqttListener {

    private static final String LOOPBACK = "127.0.0.1";

    private final Vertx vertx;
    private final GatewayConfig config;
    private final ServerCertificates certificates;
    private final MqttEnvironment hub;
    private final List<String> deployments = new CopyOnWriteArrayList<>();

    MqttListener(Vertx vertx, GatewayConfig config, ServerCertificates certificates, MqttEnvironment hub) {
        this.vertx = vertx;
        this.config = config;
        this.certificates = certificates;
        this.hub = hub;
    }

    /** Opens the doors. */
    public Future<Void> start() {
        var tls = options().setHost(config.bind()).setPort(config.mqtt().port());
        certificates.applyTo(tls);
        var opened = listen(tls);
        if (config.mqtt().plainPort() == 0) {
            return opened;
        }
        return opened.compose(
                _ -> listen(options().setHost(LOOPBACK).setPort(config.mqtt().plainPort())));
    }

    /** Closes the doors, and with them the connections that came in. */
    public Future<Void> stop() {
        return Future.join(deployments.stream().map(vertx::undeploy).toList()).mapEmpty();
    }

    private static NetServerOptions options() {
        return new NetServerOptions().setTcpNoDelay(true).setReuseAddress(true).setAcceptBacklog(4096);
    }

    private Future<Void> listen(NetServerOptions options) {
        // One server instance for each event loop shares the port, so that connections spread over all of them.
        int instances = Math.max(2, Runtime.getRuntime().availableProcessors());
        return vertx.deployVerticle(() -> new Door(options), new DeploymentOptions().setInstances(instances))
                .onSuccess(deployments::add)
                .mapEmpty();
    }

    private final class Door extends AbstractVerticle {

        private final NetServerOptions options;

        private Door(NetServerOptions options) {
            this.options = options;
        }

        @Override
        public void start(Promise<Void> started) {
            vertx.createNetServer(options)
                    .connectHandler(MqttListener.this::connected)
                    .exceptionHandler(_ -> {
                        // A handshake that failed is the client's affair; it is counted by the server's metrics.
                    })
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }

    private void connected(NetSocket socket) {
        if (hub.metrics().pending().get() >= config.mqtt().maxPending()) {
            hub.metrics().flooded();
            socket.close();
            return;
        }
        ((NetSocketInternal) socket)
                .channelHandlerContext()
                .pipeline()
                .addBefore(
                        "handler",
                        "mqtt",
                        new MqttChannel("tcp", ConnectPhase.MAX_CONNECT, channel -> new ConnectPhase(channel, hub)));
    }
}
