package io.freehub.gateway.mqtt;

import io.freehub.gateway.websocket.SubProtocol;
import jakarta.enterprise.context.ApplicationScoped;

/** MQTT over WebSockets: the bytes in the frames are those on port 8883. */
@ApplicationScoped
class MqttWebSockets implements SubProtocol {

    private final MqttEnvironment hub;

    MqttWebSockets(MqttEnvironment hub) {
        this.hub = hub;
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public boolean isFlooded() {
        boolean flooded = hub.metrics().pending().get() >= hub.config().maxPending();
        if (flooded) {
            hub.metrics().flooded();
        }
        return flooded;
    }

    @Override
    public End open() {
        var channel = new MqttChannel("websocket", ConnectPhase.MAX_CONNECT, next -> new ConnectPhase(next, hub));
        return new End(channel, PacketReader.MAX_HEADER + MqttSession.MAX_PACKET, channel::maxPacket);
    }
}
