package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.SasToken;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The few MQTT 3.1.1 packets of a device that only sends. */
final class MqttPackets {

    static final int CONNACK = 0x20;
    static final int PUBACK = 0x40;

    /** What a Node.js device with a content type, an encoding and a property of its own puts behind the topic. */
    private static final String PROPERTIES = "%24.ct=application%2Fjson&%24.ce=utf-8&hall=north";

    private static final int PUBLISH_QOS1 = 0x32;
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
