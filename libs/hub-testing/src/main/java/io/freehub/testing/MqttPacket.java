package io.freehub.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Packets of MQTT 3.1.1 as a client writes them, right or wrong. */
public final class MqttPacket {

    /** Writes what follows the length. */
    @FunctionalInterface
    public interface Body {

        /** Writes it. */
        void write(DataOutputStream body) throws IOException;
    }

    private MqttPacket() {}

    /** A CONNECT with keep-alive in seconds that keeps its session; an empty password is left out. */
    public static byte[] connect(String clientId, String username, String password, int keepAlive) {
        return connect(clientId, username, password, keepAlive, false);
    }

    /** The same, or with a clean session. */
    public static byte[] connect(
            String clientId, String username, String password, int keepAlive, boolean cleanSession) {
        return of(0x10, body -> {
            text(body, "MQTT");
            body.writeByte(4);
            body.writeByte((password.isEmpty() ? 0x80 : 0xc0) | (cleanSession ? 2 : 0));
            body.writeShort(keepAlive);
            text(body, clientId);
            text(body, username);
            if (!password.isEmpty()) {
                text(body, password);
            }
        });
    }

    /** A CONNECT with a will of QoS 0. */
    public static byte[] connectWithWill(
            String clientId, String username, String password, String willTopic, String will) {
        return of(0x10, body -> {
            text(body, "MQTT");
            body.writeByte(4);
            body.writeByte(0xc4);
            body.writeShort(60);
            text(body, clientId);
            text(body, willTopic);
            text(body, will);
            text(body, username);
            text(body, password);
        });
    }

    /** A PUBLISH of QoS 1, or of QoS 0 with a packet id of 0. */
    public static byte[] publish(String topic, int packetId, byte[] payload, boolean retain) {
        return of(0x30 | (packetId == 0 ? 0 : 2) | (retain ? 1 : 0), body -> {
            text(body, topic);
            if (packetId != 0) {
                body.writeShort(packetId);
            }
            body.write(payload);
        });
    }

    /** Any packet. */
    public static byte[] of(int firstByte, Body content) {
        try {
            var body = new ByteArrayOutputStream();
            content.write(new DataOutputStream(body));
            var packet = new ByteArrayOutputStream();
            packet.write(firstByte);
            int rest = body.size();
            while (rest > 0x7f) {
                packet.write(rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            packet.write(rest);
            body.writeTo(packet);
            return packet.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a packet in memory", e);
        }
    }

    /** Writes a text with its length. */
    public static void text(DataOutputStream out, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }
}
