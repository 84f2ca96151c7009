package io.freehub.gateway.amqp;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.tls.ServerCertificates;
import io.freehub.gateway.tls.TcpDoor;
import io.freehub.gateway.websocket.SubProtocol;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The doors for AMQP: over TLS, over WebSockets and, where asked for, in the clear on the loopback address. */
@ApplicationScoped
public class AmqpListener implements SubProtocol {

    private final GatewayConfig config;
    private final AmqpEnvironment hub;
    private final TcpDoor door;
    private final Set<AmqpChannel> channels = ConcurrentHashMap.newKeySet();

    AmqpListener(Vertx vertx, GatewayConfig config, ServerCertificates certificates, AmqpEnvironment hub) {
        this.config = config;
        this.hub = hub;
        this.door = new TcpDoor(vertx, certificates, this::connected);
    }

    /** Opens the doors. */
    public Future<Void> start() {
        return door.open(config.bind(), config.amqp().port(), config.amqp().plainPort());
    }

    /** Tells the clients, and closes the doors. */
    public Future<Void> stop() {
        channels.forEach(AmqpChannel::shutDown);
        return door.close();
    }

    @Override
    public String name() {
        return "AMQPWSB10";
    }

    @Override
    public boolean isFlooded() {
        boolean flooded = hub.metrics().pending().get() >= config.amqp().maxPending();
        if (flooded) {
            hub.metrics().flooded();
        }
        return flooded;
    }

    @Override
    public End open() {
        var channel = channel("websocket");
        return new End(channel, AmqpChannel.LONGEST_WEBSOCKET_FRAME, channel::maxWebSocketFrame);
    }

    private void connected(NetSocket socket) {
        if (isFlooded()) {
            socket.close();
            return;
        }
        ((NetSocketInternal) socket).channelHandlerContext().pipeline().addBefore("handler", "amqp", channel("tcp"));
    }

    private AmqpChannel channel(String transport) {
        return new AmqpChannel(transport, channel -> {
            channels.add(channel);
            return new AmqpConnection(channel, hub, () -> channels.remove(channel));
        });
    }
}
