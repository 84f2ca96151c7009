package io.freehub.acceptance;

import io.freehub.testing.MqttPacket;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLSocket;

/** One MQTT connection of a device, at a gateway of the caller's choice: the SDKs know but one port. */
final class DeviceConnection implements AutoCloseable {

    /** Longer than a gateway waits for Kafka. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final BackEnd.Device identity;
    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private DeviceConnection(BackEnd.Device identity, SSLSocket socket) throws IOException {
        this.identity = identity;
        this.socket = socket;
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /**
     * Connects with a token of the device.
     *
     * @throws IOException also when the gateway refuses, saying the return code
     */
    static DeviceConnection open(BackEnd.Device identity, int port) throws IOException {
        var socket = (SSLSocket) TheHub.trustingContext().getSocketFactory().createSocket();
        try {
            socket.connect(new InetSocketAddress(TheHub.host(), port), (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.setTcpNoDelay(true);
            var connection = new DeviceConnection(identity, socket);
            connection.connect();
            return connection;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void connect() throws IOException {
        send(MqttPacket.connect(
                identity.id().value(),
                TheHub.host() + "/" + identity.id() + "/?api-version=2021-04-12",
                identity.token(Instant.now().plusSeconds(3600)),
                120,
                true));
        expect(0x20020000, "CONNACK");
    }

    /** Sends a message with the number in it, and returns when it is acknowledged. */
    void send(int number) throws IOException {
        int packetId = number % 0xffff + 1;
        send(MqttPacket.publish(
                "devices/" + identity.id() + "/messages/events/n=" + number,
                packetId,
                Integer.toString(number).getBytes(StandardCharsets.US_ASCII),
                false));
        expect(0x40020000 | packetId, "PUBACK");
    }

    /** Subscribes to the answers about the twin. */
    void listen() throws IOException {
        subscribe("$iothub/twin/res/#", 0);
    }

    /** Subscribes to calls of its methods. */
    void takeCalls() throws IOException {
        subscribe("$iothub/methods/POST/#", 0);
    }

    /** Waits for a call, and leaves it without an answer. */
    void ignoreCall() throws IOException {
        if (in.readUnsignedByte() != 0x30) {
            throw new IOException("no call");
        }
        in.skipNBytes(in.readUnsignedByte());
    }

    /** Subscribes to what back ends send. */
    void receive() throws IOException {
        subscribe("devices/" + identity.id() + "/messages/devicebound/#", 1);
    }

    private void subscribe(String filter, int qos) throws IOException {
        send(MqttPacket.of(0x82, body -> {
            body.writeShort(1);
            MqttPacket.text(body, filter);
            body.writeByte(qos);
        }));
        expect(0x90030001, "SUBACK");
        in.readByte();
    }

    /** A message of QoS 1 that the device got; its acknowledgement is the caller's. */
    record Received(int packetId, byte[] body) {}

    /** The message that comes next. */
    Received received() throws IOException {
        int type = in.readUnsignedByte();
        if ((type & 0xf6) != 0x32) {
            throw new IOException("no message of QoS 1: " + Integer.toHexString(type));
        }
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.readUnsignedByte();
            length |= (digit & 0x7f) << shift;
            shift += 7;
        } while ((digit & 0x80) != 0);
        int topic = in.readUnsignedShort();
        in.skipNBytes(topic);
        return new Received(in.readUnsignedShort(), in.readNBytes(length - topic - 4));
    }

    void acknowledge(Received message) throws IOException {
        send(new byte[] {0x40, 2, (byte) (message.packetId() >>> 8), (byte) message.packetId()});
    }

    /** Sends a reported property without waiting for anything. */
    void report(int number, String patch) throws IOException {
        send(MqttPacket.publish(
                "$iothub/twin/PATCH/properties/reported/?$rid=" + number,
                0,
                patch.getBytes(StandardCharsets.US_ASCII),
                false));
    }

    /** Topic of the answer that comes next, which has no body. */
    String answer() throws IOException {
        int packet = in.readUnsignedShort();
        if (packet >>> 8 != 0x30 || (packet & 0x80) != 0) {
            throw new IOException("no answer without a body: " + Integer.toHexString(packet));
        }
        return new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8);
    }

    /** Waits until the gateway closes; false when it sends something instead. */
    boolean awaitClose() {
        try {
            return in.read() < 0;
        } catch (IOException e) {
            return true;
        }
    }

    private void expect(int packet, String name) throws IOException {
        int got = in.readInt();
        if (got != packet) {
            throw new IOException("no " + name + ": " + Integer.toHexString(got));
        }
    }

    private void send(byte[] packet) throws IOException {
        out.write(packet);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
