package io.freehub.gateway.mqtt;

import io.freehub.model.DeviceId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * The topics of one device. Ids stand in them as they are, and may hold {@code +} and {@code #}: topics are compared with
 * the identity, never matched as wildcards.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol".
 */
final class DeviceTopics {

    private final ByteBuf events;
    private final String cloudToDeviceFilter;

    DeviceTopics(DeviceId device) {
        this.events = Unpooled.copiedBuffer("devices/" + device + "/messages/events", StandardCharsets.UTF_8);
        this.cloudToDeviceFilter = "devices/" + device + "/messages/devicebound/#";
    }

    /**
     * The property bag of a topic for messages of the device, a part of the topic's buffer.
     *
     * @throws MalformedPacketException when the topic is another
     */
    ByteBuf bag(ByteBuf topic) {
        int prefix = events.readableBytes();
        int length = topic.readableBytes();
        int start = topic.readerIndex();
        if (length < prefix
                || !ByteBufUtil.equals(topic, start, events, 0, prefix)
                || length > prefix && topic.getByte(start + prefix) != '/') {
            throw new MalformedPacketException("a topic that the device may not publish to");
        }
        return length <= prefix + 1 ? Unpooled.EMPTY_BUFFER : topic.slice(start + prefix + 1, length - prefix - 1);
    }

    /** Whether the device may subscribe to the filter. */
    boolean grants(String filter) {
        return filter.equals(cloudToDeviceFilter);
    }
}
