package io.freehub.gateway;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** A WebSocket client that frames as it is told to, and checks what RFC 6455 asks of a server. */
final class RawWebSocket implements AutoCloseable {

    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** One that a server sent. */
    record Frame(int opcode, byte[] payload) {}

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final String answer;

    private RawWebSocket(Socket socket, String request) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        send(request.getBytes(StandardCharsets.US_ASCII));
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        answer = head.toString();
    }

    /** Connects over TLS and asks for the sub-protocol. */
    static RawWebSocket open(int port, String path, String protocol) throws Exception {
        return request(
                port, """
                GET %s HTTP/1.1\r
                Host: localhost:443\r
                Connection: Upgrade\r
                Upgrade: websocket\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: %s\r
                Sec-WebSocket-Protocol: %s\r
                \r
                """.formatted(path, Base64.getEncoder().encodeToString("the sample nonce".getBytes()), protocol));
    }

    /** Sends the request as it is. */
    static RawWebSocket request(int port, String request) throws Exception {
        return new RawWebSocket(Trust.theAuthority().getSocketFactory().createSocket("localhost", port), request);
    }

    /** Status line and headers of the answer. */
    String answer() {
        return answer;
    }

    /** The rest of the answer, of so many bytes. */
    String body(int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void sendFrame(int opcode, boolean last, byte[] payload) throws IOException {
        send(frame(opcode, last, payload));
    }

    /** A masked frame. */
    static byte[] frame(int opcode, boolean last, byte[] payload) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var frame = new DataOutputStream(bytes);
        frame.writeByte(opcode | (last ? 0x80 : 0));
        if (payload.length < 126) {
            frame.writeByte(0x80 | payload.length);
        } else if (payload.length <= 0xffff) {
            frame.writeByte(0x80 | 126);
            frame.writeShort(payload.length);
        } else {
            frame.writeByte(0x80 | 127);
            frame.writeLong(payload.length);
        }
        var mask = new byte[4];
        ThreadLocalRandom.current().nextBytes(mask);
        frame.write(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ mask[i & 3]);
        }
        return bytes.toByteArray();
    }

    Frame readFrame() throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        if ((first & 0x70) != 0 || (second & 0x80) != 0) {
            throw new IOException("a server's frame has no mask and no reserved bits");
        }
        long length = second == 127 ? in.readLong() : second == 126 ? in.readUnsignedShort() : second;
        return new Frame(first & 0x0f, in.readNBytes((int) length));
    }

    /** Waits until the gateway closes, close frames and all; false when anything else came. */
    boolean isClosed() throws IOException {
        try {
            while (readFrame().opcode() == CLOSE) {
                // What follows is the end of the connection.
            }
            return false;
        } catch (EOFException | SocketException end) {
            return true;
        }
    }

    /** What the next binary frame holds; nothing when the gateway says goodbye. */
    Optional<byte[]> readBinary() throws IOException {
        var frame = readFrame();
        if (frame.opcode() != BINARY && frame.opcode() != CLOSE) {
            throw new IOException("a frame of type " + frame.opcode());
        }
        return frame.opcode() == CLOSE ? Optional.empty() : Optional.of(frame.payload());
    }

    /** An MQTT client whose every write is a binary frame. */
    RawClient mqtt() throws IOException {
        return new RawClient(socket, new Payloads(), new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                sendFrame(BINARY, true, new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                sendFrame(BINARY, true, java.util.Arrays.copyOfRange(bytes, offset, offset + length));
            }
        });
    }

    private final class Payloads extends InputStream {

        private byte[] payload = new byte[0];
        private int position;

        @Override
        public int read() throws IOException {
            while (position == payload.length) {
                var frame = readFrame();
                if (frame.opcode() == CLOSE) {
                    return -1;
                }
                if (frame.opcode() != BINARY) {
                    throw new IOException("a frame of type " + frame.opcode());
                }
                payload = frame.payload();
                position = 0;
            }
            return payload[position++] & 0xff;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
