package io.freehub.gateway.websocket;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import io.vertx.core.net.impl.VertxHandler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Protocols over WebSockets: once the client has its 101, the bytes in its frames go the way of those on the protocol's
 * own port.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol" and "… using the AMQP protocol"; the SDKs
 * of Event Hubs. All protocols share all paths.
 */
@ApplicationScoped
public class WebSocketDoor {

    /** Decoded segments of the paths: that of the SDKs of IoT Hub, and that of Event Hubs. */
    public static final Set<List<String>> PATHS =
            Set.of(List.of("$iothub", "websocket"), List.of("$servicebus", "websocket"));

    private final List<SubProtocol> protocols;
    private final List<String> names;

    WebSocketDoor(@Any Instance<SubProtocol> protocols) {
        this.protocols = protocols.stream()
                .sorted(Comparator.comparing(SubProtocol::name).reversed())
                .toList();
        this.names = this.protocols.stream().map(SubProtocol::name).toList();
    }

    /** Answers a request on one of {@link #PATHS}, and turns its connection into one of the protocol that it asks for. */
    public void upgrade(HttpServerRequest request) {
        switch (WebSocketHandshake.of(request.method(), request.headers(), names)) {
            case WebSocketHandshake.Refused refused -> refuse(request, refused.status(), refused.expected());
            case WebSocketHandshake.Accepted accepted -> {
                var protocol = named(accepted.protocol());
                if (protocol.isFlooded()) {
                    refuse(request, 503, "Too many connections wait to be admitted. Try again later.");
                    return;
                }
                request.response()
                        .putHeader("Connection", "Upgrade")
                        .putHeader("Upgrade", "websocket")
                        .putHeader("Sec-WebSocket-Accept", accepted.accept())
                        .putHeader("Sec-WebSocket-Protocol", accepted.protocol());
                request.toNetSocket().onSuccess(socket -> connected(socket, protocol.open()));
            }
        }
    }

    private SubProtocol named(String name) {
        return protocols.stream()
                .filter(protocol -> protocol.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow();
    }

    private static void refuse(HttpServerRequest request, int status, String text) {
        var response = request.response().setStatusCode(status).putHeader("Content-Type", "text/plain; charset=utf-8");
        if (status == 426) {
            response.putHeader("Upgrade", "websocket")
                    .putHeader("Connection", "Upgrade")
                    .putHeader("Sec-WebSocket-Version", WebSocketHandshake.VERSION);
        }
        response.end(text + "\n");
    }

    private static void connected(NetSocket socket, SubProtocol.End end) {
        var pipeline = ((NetSocketInternal) socket).channelHandlerContext().pipeline();
        removeAllOfHttp(pipeline);
        pipeline.addBefore("handler", "ws-encoder", new WebSocket13FrameEncoder(false))
                .addBefore("handler", "ws-decoder", new WebSocketFrames(end.longestFrame(), end.maxFrame()))
                .addBefore("handler", "ws-bytes", new WebSocketBytes())
                .addBefore("handler", "protocol", end.handler());
    }

    /** What is left watches for silence and slow requests; protocols have their own measure of both. */
    private static void removeAllOfHttp(ChannelPipeline pipeline) {
        pipeline.toMap().forEach((name, handler) -> {
            if (!name.equals("ssl") && !(handler instanceof VertxHandler)) {
                pipeline.remove(handler);
            }
        });
    }
}
