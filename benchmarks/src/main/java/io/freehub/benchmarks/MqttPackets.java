package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.SasToken;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The few MQTT 3.1.1 packets of a device. */
final class MqttPackets {

    static final int CONNACK = 0x20;
    static final int PUBACK = 0x40;
    static final int SUBACK = 0x90;
    /** At QoS 0. */
    static final int PUBLISH = 0x30;

    static final int PUBLISH_QOS1 = 0x32;
    static final int PUBLISH_QOS1_AGAIN = PUBLISH_QOS1 | 8;

    /** What a Node.js device with a content type, an encoding and a property of its own puts behind the topic. */
    private static final String PROPERTIES = "%24.ct=application%2Fjson&%24.ce=utf-8&hall=north";

    private static final int SUBSCRIBE = 0x82;
    private static final int MAX_LENGTH_BYTES = 4;
    private static final Duration TOKEN_LIFE = Duration.ofHours(2);

    private MqttPackets() {}

    /** CONNECT with a token of the device's key; no keep-alive, so that nothing but messages goes over the wire. */
    static byte[] connect(String host, Device device) {
        var token = SasToken.create(
                host + "/devices/" + device.id(), device.key(), Instant.now().plus(TOKEN_LIFE), Optional.empty());
        var body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(4);
        body.write(0b1100_0000); // user name, password; the session is kept, as the SDKs ask for
        number(body, 0);
        text(body, device.id().value());
        text(body, host + "/" + device.id() + "/?api-version=2021-04-12");
        text(body, token);
        return packet(0x10, body.toByteArray());
    }

    /** SUBSCRIBE, to all at the same QoS. */
    static byte[] subscribe(int qos, String... filters) {
        var content = new ByteArrayOutputStream();
        number(content, 1);
        for (var filter : filters) {
            text(content, filter);
            content.write(qos);
        }
        return packet(SUBSCRIBE, content.toByteArray());
    }

    /** A PUBLISH at QoS 0. */
    static byte[] publish(String topic, String body) {
        var content = new ByteArrayOutputStream();
        text(content, topic);
        content.writeBytes(body.getBytes(UTF_8));
        return packet(PUBLISH, content.toByteArray());
    }

    static byte[] puback(int packetId) {
        return new byte[] {PUBACK, 2, (byte) (packetId >>> 8), (byte) packetId};
    }

    static byte[] disconnect() {
        return packet(0xE0, new byte[0]);
    }

    /** A PUBLISH of which only packet id and sequence number are still to be set. For one thread. */
    static final class Template {

        private final byte[] packet;
        private final int packetId;
        private final int sequence;

        private Template(byte[] packet, int bodySize) {
            this.packet = packet;
            this.packetId = packet.length - bodySize - 2;
            this.sequence = packet.length - bodySize + Body.SEQUENCE;
        }

        /** The packet, good until the next call. */
        byte[] with(int newPacketId, int newSequence) {
            packet[packetId] = (byte) (newPacketId >>> 8);
            packet[packetId + 1] = (byte) newPacketId;
            Body.putSequence(packet, sequence, newSequence);
            return packet;
        }
    }

    static Template publish(Device device, byte[] body) {
        var content = new ByteArrayOutputStream();
        text(content, "devices/" + device.id() + "/messages/events/" + PROPERTIES);
        number(content, 0);
        content.writeBytes(body);
        return new Template(packet(PUBLISH_QOS1, content.toByteArray()), body.length);
    }

    /** Length of what stands behind the first byte and the length of a packet; -1 unless all of it is there. */
    static int length(ByteBuf in) {
        int length = 0;
        for (int i = 1; i <= MAX_LENGTH_BYTES && i < in.readableBytes(); i++) {
            int digit = in.getByte(in.readerIndex() + i);
            length |= (digit & 0x7f) << 7 * (i - 1);
            if (digit >= 0) {
                return in.readableBytes() > i + length ? length : -1;
            }
        }
        return -1;
    }

    private static byte[] packet(int firstByte, byte[] content) {
        var packet = new ByteArrayOutputStream(content.length + 5);
        packet.write(firstByte);
        int rest = content.length;
        while (rest > 0x7f) {
            packet.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        packet.write(rest);
        packet.writeBytes(content);
        return packet.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        var bytes = text.getBytes(UTF_8);
        number(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void number(ByteArrayOutputStream out, int number) {
        out.write(number >>> 8);
        out.write(number);
    }
}
