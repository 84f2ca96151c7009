package io.freehub.gateway.mqtt;

import io.freehub.gateway.command.DeviceProperties;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.PercentCoding;
import io.freehub.model.SystemProperty;
import io.netty.buffer.ByteBufUtil;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The topic that a message is delivered to: its properties stand in it. The id stands in it as it is, everything else is
 * percent-encoded. The {@code $} of the keys of system properties is always an escape, and they come first: the Java SDK
 * begins to read at the first such escape. There is always one, since every message says whom it is to.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol", receiving cloud-to-device messages; what the
 * SDKs read.
 */
final class DeliveryTopic {

    /** A text of MQTT has two bytes for its length. */
    private static final int MAX_LENGTH = 0xffff;

    private DeliveryTopic() {}

    /** The topic; empty when it would be longer than a topic can be. */
    static Optional<String> of(DeviceId device, DeviceBoundMessage message) {
        var properties = DeviceProperties.of(device, message);
        var topic = new StringJoiner("&", "devices/" + device.value() + "/messages/devicebound/", "");
        properties.system().forEach((property, value) -> topic.add(key(property) + "=" + PercentCoding.encode(value)));
        properties
                .application()
                .forEach((name, value) -> topic.add(PercentCoding.encode(name) + "=" + PercentCoding.encode(value)));
        return Optional.of(topic.toString()).filter(text -> ByteBufUtil.utf8Bytes(text) <= MAX_LENGTH);
    }

    private static String key(SystemProperty property) {
        return PercentCoding.encode(property.mqttKey());
    }
}
