package io.freehub.gateway.mqtt;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.tls.ServerCertificates;
import io.freehub.gateway.tls.TcpDoor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import jakarta.enterprise.context.ApplicationScoped;

/** The doors for MQTT: over TLS and, where asked for, in the clear on the loopback address. */
@ApplicationScoped
public class MqttListener {

    private final GatewayConfig config;
    private final MqttEnvironment hub;
    private final TcpDoor door;

    MqttListener(Vertx vertx, GatewayConfig config, ServerCertificates certificates, MqttEnvironment hub) {
        this.config = config;
        this.hub = hub;
        this.door = new TcpDoor(vertx, certificates, this::connected);
    }

    /** Opens the doors. */
    public Future<Void> start() {
        return door.open(config.bind(), config.mqtt().port(), config.mqtt().plainPort());
    }

    /** Closes the doors, and with them the connections that came in. */
    public Future<Void> stop() {
        return door.close();
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
