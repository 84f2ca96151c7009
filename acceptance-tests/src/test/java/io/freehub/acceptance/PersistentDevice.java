package io.freehub.acceptance;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;

/**
 * A device that sends numbered messages, one after the other, each again and again until it is acknowledged; it moves to
 * the next gateway when a connection fails, and now and then for no reason at all, as devices do.
 */
final class PersistentDevice implements Runnable {

    /** Longer than a gateway waits for Kafka. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final int MESSAGES_OF_A_CONNECTION = 100;

    private final BackEnd.Device identity;
    private final List<Integer> ports;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile boolean stopping;
    private int connects;

    /** @param ports of the gateways, the one to begin with first */
    PersistentDevice(BackEnd.Device identity, List<Integer> ports) {
        this.identity = identity;
        this.ports = ports;
    }

    /** The messages 0 to this, without it, were acknowledged. */
    int acknowledged() {
        return acknowledged.get();
    }

    String id() {
        return identity.id().value();
    }

    /** Lets the message under way be acknowledged, and no further one be sent. */
    void stop() {
        stopping = true;
    }

    @Override
    public void run() {
        while (!stopping) {
            try (var connection = new Connection(ports.get(connects++ % ports.size()))) {
                for (int i = 0; i < MESSAGES_OF_A_CONNECTION && !stopping; i++) {
                    connection.send(acknowledged.get());
                    acknowledged.incrementAndGet();
                }
            } catch (IOException e) {
                // The next gateway, and the same message again.
                Thread.onSpinWait();
            }
        }
    }

    private final class Connection implements AutoCloseable {

        private final SSLSocket socket;
        private final DataInputStream in;
        private final DataOutputStream out;

        private Connection(int port) throws IOException {
            socket = (SSLSocket) TheHub.trustingContext().getSocketFactory().createSocket();
            try {
                socket.connect(new InetSocketAddress(TheHub.host(), port), (int) PATIENCE.toMillis());
                socket.setSoTimeout((int) PATIENCE.toMillis());
                socket.setTcpNoDelay(true);
                in = new DataInputStream(socket.getInputStream());
                out = new DataOutputStream(socket.getOutputStream());
                connect();
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }

        private void connect() throws IOException {
            write(0x10, body -> {
                text(body, "MQTT");
                body.writeByte(4);
                body.writeByte(0xc0);
                body.writeShort(120);
                text(body, id());
                text(body, TheHub.host() + "/" + id() + "/?api-version=2021-04-12");
                text(body, identity.token(Instant.now().plusSeconds(3600)));
            });
            expect(0x20020000, "CONNACK");
        }

        private void send(int number) throws IOException {
            int packetId = number % 0xffff + 1;
            write(0x32, body -> {
                text(body, "devices/" + id() + "/messages/events/n=" + number);
                body.writeShort(packetId);
                body.write(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
            });
            expect(0x40020000 | packetId, "PUBACK");
        }

        private void expect(int packet, String name) throws IOException {
            int got = in.readInt();
            if (got != packet) {
                throw new IOException("no " + name + ": " + Integer.toHexString(got));
            }
        }

        private void write(int firstByte, Body content) throws IOException {
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
            packet.writeTo(out);
            out.flush();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @FunctionalInterface
    private interface Body {
        void write(DataOutputStream body) throws IOException;
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }
}
