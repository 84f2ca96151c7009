package io.freehub.gateway;

import io.freehub.testing.MqttPacket;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;

/** A client that says byte for byte what it is told to, and reads what comes back. */
final class RawClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    RawClient(Socket socket) throws IOException {
        this(socket, socket.getInputStream(), socket.getOutputStream());
    }

    /** The bytes go through these, which are the socket's in the end. */
    RawClient(Socket socket, InputStream in, OutputStream out) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(in);
        this.out = out;
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
    }

    static RawClient to(int port) throws IOException {
        var socket = new Socket();
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return new RawClient(socket);
    }

    /** Connects as an SDK does and returns the return code of the CONNACK. */
    int connect(String device, String password) throws IOException {
        return connect(device, GatewayResource.HOST + "/" + device + "/?api-version=2021-04-12", password, 60);
    }

    int connect(String clientId, String username, String password, int keepAlive) throws IOException {
        send(MqttPacket.connect(clientId, username, password, keepAlive));
        return connack();
    }

    /** Connects, and says whether the gateway knows a session of the device. */
    boolean connectAgain(String device, String password, boolean cleanSession) throws IOException {
        send(MqttPacket.connect(
                device, GatewayResource.HOST + "/" + device + "/?api-version=2021-04-12", password, 60, cleanSession));
        int packet = in.readInt();
        if ((packet & ~0x100) != 0x20020000) {
            throw new IOException("not let in: " + HexFormat.of().toHexDigits(packet));
        }
        return (packet & 0x100) != 0;
    }

    /** The return code, whether the gateway knows a session or not. */
    int connack() throws IOException {
        int packet = in.readInt();
        if (packet >>> 9 != 0x200200 >>> 1) {
            throw new IOException("no CONNACK: " + HexFormat.of().toHexDigits(packet));
        }
        return packet & 0xff;
    }

    void publish(String topic, int packetId, String payload) throws IOException {
        send(MqttPacket.publish(topic, packetId, payload.getBytes(StandardCharsets.UTF_8), false));
    }

    /** The packet id of the PUBACK that comes next. */
    int puback() throws IOException {
        int packet = in.readInt();
        if (packet >>> 16 != 0x4002) {
            throw new IOException("no PUBACK: " + HexFormat.of().toHexDigits(packet));
        }
        return packet & 0xffff;
    }

    /**
     * A packet that came.
     *
     * @param type its first byte
     */
    record Packet(int type, byte[] body) {

        private static final int QOS_1 = 0x02;

        /** Topic of a PUBLISH. */
        String topic() {
            return new String(body, 2, number(0), StandardCharsets.UTF_8);
        }

        /** Packet id of a PUBLISH of QoS 1. */
        int packetId() {
            return number(2 + number(0));
        }

        /** Payload of a PUBLISH. */
        String payload() {
            int start = 2 + number(0) + ((type & QOS_1) == 0 ? 0 : 2);
            return new String(body, start, body.length - start, StandardCharsets.UTF_8);
        }

        private int number(int at) {
            return (body[at] & 0xff) << 8 | body[at + 1] & 0xff;
        }
    }

    /** The packet that comes next. */
    Packet packet() throws IOException {
        int type = in.readUnsignedByte();
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.readUnsignedByte();
            length |= (digit & 0x7f) << shift;
            shift += 7;
        } while (digit > 0x7f);
        return new Packet(type, in.readNBytes(length));
    }

    void acknowledge(int packetId) throws IOException {
        send(MqttPacket.of(0x40, body -> body.writeShort(packetId)));
    }

    /** Subscribes to each filter at its QoS. */
    void subscribe(int packetId, Map<String, Integer> filters) throws IOException {
        send(MqttPacket.of(0x82, body -> {
            body.writeShort(packetId);
            for (var filter : filters.entrySet()) {
                MqttPacket.text(body, filter.getKey());
                body.writeByte(filter.getValue());
            }
        }));
    }

    void unsubscribe(int packetId, String filter) throws IOException {
        send(MqttPacket.of(0xa2, body -> {
            body.writeShort(packetId);
            MqttPacket.text(body, filter);
        }));
    }

    byte[] read(int length) throws IOException {
        return in.readNBytes(length);
    }

    /** Waits until the gateway closes; false when a byte came first. */
    boolean isClosed() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException | EOFException reset) {
            return true;
        }
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void sendHex(String hex) throws IOException {
        send(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** Breaks the connection off, as a network does. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
