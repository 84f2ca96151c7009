package io.freehub.gateway.mqtt;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import io.vertx.core.net.impl.VertxHandler;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * MQTT over WebSockets: once the client has its 101, the bytes in its frames go the way of those on port 8883.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol", using the MQTT protocol over WebSockets.
 */
@ApplicationScoped
public class WebSocketDoor {

    /** Decoded segments of the one path. */
    public static final List<String> PATH = List.of("$iothub", "websocket");

    private final MqttEnvironment hub;

    WebSocketDoor(MqttEnvironment hub) {
        this.hub = hub;
    }

    /** Answers a request on {@link #PATH}, and turns its connection into one of MQTT. */
    public void upgrade(HttpServerRequest request) {
        switch (WebSocketHandshake.of(request.method(), request.headers())) {
            case WebSocketHandshake.Refused refused -> refuse(request, refused.status(), refused.expected());
            case WebSocketHandshake.Accepted _
            when hub.metrics().pending().get() >= hub.config().maxPending() -> {
                hub.metrics().flooded();
                refuse(request, 503, "Too many connections wait to be admitted. Try again later.");
            }
            case WebSocketHandshake.Accepted accepted -> {
                request.response()
                        .putHeader("Connection", "Upgrade")
                        .putHeader("Upgrade", "websocket")
                        .putHeader("Sec-WebSocket-Accept", accepted.accept())
                        .putHeader("Sec-WebSocket-Protocol", accepted.protocol());
                request.toNetSocket().onSuccess(this::connected);
            }
        }
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

    private void connected(NetSocket socket) {
        var pipeline = ((NetSocketInternal) socket).channelHandlerContext().pipeline();
        removeAllOfHttp(pipeline);
        var mqtt = new MqttChannel("websocket", ConnectPhase.MAX_CONNECT, channel -> new ConnectPhase(channel, hub));
        pipeline.addBefore("handler", "ws-encoder", new WebSocket13FrameEncoder(false))
                .addBefore("handler", "ws-decoder", new WebSocketFrames(mqtt::maxPacket))
                .addBefore("handler", "ws-bytes", new WebSocketBytes())
                .addBefore("handler", "mqtt", mqtt);
    }

    /** What is left watches for silence and slow requests; MQTT has its own measure of both. */
    private static void removeAllOfHttp(ChannelPipeline pipeline) {
        pipeline.toMap().forEach((name, handler) -> {
            if (!name.equals("ssl") && !(handler instanceof VertxHandler)) {
                pipeline.remove(handler);
            }
        });
    }
}
