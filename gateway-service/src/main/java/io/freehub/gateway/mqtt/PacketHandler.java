package io.freehub.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** Takes the packets of one client in their order. Buffers are slices, valid during the call only. */
interface PacketHandler {

    /** A filter of a SUBSCRIBE. */
    record Subscription(String filter, int qos) {}

    void connect(ConnectPacket packet);

    /** A CONNECT of another protocol level than 4 (3.1.1); nothing behind the level has been read. */
    void unsupportedLevel(int level);

    /** @param packetId 0 at QoS 0 */
    void publish(int qos, boolean retain, ByteBuf topic, int packetId, ByteBuf payload);

    void publishAcknowledged(int packetId);

    void subscribe(int packetId, List<Subscription> subscriptions);

    void unsubscribe(int packetId, List<String> filters);

    void ping();

    void disconnect();
}
