package io.freehub.gateway;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.Transport;
import org.apache.qpid.proton.message.Message;

/** An AMQP client by proton-j's engine, as the SDK for Java has it; everything happens in the thread of the test. */
final class AmqpClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Where bytes go and come from. */
    private interface Wire {

        void write(byte[] bytes) throws IOException;

        /** Empty at the end. */
        Optional<byte[]> read() throws IOException;

        void close() throws IOException;
    }

    /** What a client hears of a token. */
    record Answer(Object correlationId, Object status, String description, boolean settledBefore) {}

    private final Wire wire;
    private final Transport engine = Proton.transport();
    private final Connection connection = Proton.connection();
    private final BlockingQueue<Optional<byte[]>> arriving = new LinkedBlockingQueue<>();
    private final Map<Session, Link[]> cbs = new HashMap<>();
    private boolean ended;
    private int tags;

    private AmqpClient(Wire wire) {
        this.wire = wire;
        engine.setIdleTimeout(0);
        Thread.ofVirtual().start(this::readAll);
    }

    private void readAll() {
        try {
            for (var bytes = wire.read(); bytes.isPresent(); bytes = wire.read()) {
                arriving.add(bytes);
            }
        } catch (IOException e) {
            // The end, in another way.
        }
        arriving.add(Optional.empty());
    }

    static AmqpClient over(Socket socket) {
        return new AmqpClient(new Wire() {
            @Override
            public void write(byte[] bytes) throws IOException {
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().flush();
            }

            @Override
            public Optional<byte[]> read() throws IOException {
                var buffer = new byte[8192];
                int length = socket.getInputStream().read(buffer);
                return length < 0 ? Optional.empty() : Optional.of(Arrays.copyOf(buffer, length));
            }

            @Override
            public void close() throws IOException {
                socket.close();
            }
        });
    }

    static AmqpClient over(RawWebSocket socket) {
        return new AmqpClient(new Wire() {
            @Override
            public void write(byte[] bytes) throws IOException {
                socket.sendFrame(RawWebSocket.BINARY, true, bytes);
            }

            @Override
            public Optional<byte[]> read() throws IOException {
                return socket.readBinary();
            }

            @Override
            public void close() throws IOException {
                socket.close();
            }
        });
    }

    static AmqpClient plain(int port) throws IOException {
        return over(new Socket("127.0.0.1", port));
    }

    /** Connects without SASL. */
    AmqpClient open() throws IOException {
        return open("");
    }

    /** Connects by the mechanism, which needs nothing else; by none when it is empty. */
    AmqpClient open(String mechanism) throws IOException {
        if (!mechanism.isEmpty()) {
            engine.sasl().client();
            engine.sasl().setMechanisms(mechanism);
        }
        begin();
        await(() -> connection.getRemoteState() == EndpointState.ACTIVE);
        return this;
    }

    /** Connects by SASL PLAIN; false when the gateway does not let it in. */
    boolean open(String user, String password) throws IOException {
        engine.sasl().plain(user, password);
        begin();
        await(() -> connection.getRemoteState() == EndpointState.ACTIVE
                || ended
                || engine.sasl().getOutcome().getCode() > 0);
        return connection.getRemoteState() == EndpointState.ACTIVE;
    }

    private void begin() {
        connection.setContainer("");
        connection.setHostname(GatewayResource.HOST);
        connection.open();
        engine.bind(connection);
    }

    Connection connection() {
        return connection;
    }

    Session session() {
        var session = connection.session();
        session.open();
        return session;
    }

    /** A link to send on; open when both ends are, closed when it was refused. */
    Sender sender(Session session, String name, String address) throws IOException {
        var sender = session.sender(name);
        var target = new Target();
        target.setAddress(address);
        sender.setTarget(target);
        sender.setSource(new Source());
        sender.open();
        await(() -> sender.getRemoteState() == EndpointState.CLOSED
                || sender.getRemoteState() == EndpointState.ACTIVE && sender.getRemoteTarget() != null);
        return sender;
    }

    Receiver receiver(Session session, String name, String address) throws IOException {
        return receiver(session, name, address, SenderSettleMode.MIXED, ReceiverSettleMode.FIRST);
    }

    Receiver receiver(Session session, String name, String address, SenderSettleMode theirs, ReceiverSettleMode ours)
            throws IOException {
        var receiver = session.receiver(name);
        receiver.setSenderSettleMode(theirs);
        receiver.setReceiverSettleMode(ours);
        var source = new Source();
        source.setAddress(address);
        receiver.setSource(source);
        receiver.setTarget(new Target());
        receiver.open();
        await(() -> receiver.getRemoteState() == EndpointState.CLOSED
                || receiver.getRemoteState() == EndpointState.ACTIVE && receiver.getRemoteSource() != null);
        return receiver;
    }

    /** A message that came, of which nothing was said yet. */
    record Got(Delivery delivery, Message message) {

        String text() {
            return ((Data) message.getBody()).getValue().toString();
        }
    }

    /** The next message of the link. */
    Got next(Receiver receiver) throws IOException {
        await(() -> receiver.current() != null && !receiver.current().isPartial());
        var delivery = receiver.current();
        var bytes = new byte[delivery.available()];
        receiver.recv(bytes, 0, bytes.length);
        receiver.advance();
        var message = Proton.message();
        message.decode(bytes, 0, bytes.length);
        return new Got(delivery, message);
    }

    /** Says what becomes of it, and no more of it. */
    void settle(Got got, DeliveryState state) throws IOException {
        got.delivery().disposition(state);
        got.delivery().settle();
        write();
    }

    /** Lets the other end send so many more. */
    void flow(Receiver receiver, int credit) throws IOException {
        receiver.flow(credit);
        write();
    }

    /** How long the gateway says that it waits for a sign of life, in milliseconds. */
    int idleTimeout() {
        return engine.getRemoteIdleTimeout();
    }

    /** Why the other end closed the link, once it has. */
    String detached(Link link) throws IOException {
        await(() -> link.getRemoteState() == EndpointState.CLOSED);
        return String.valueOf(link.getRemoteCondition().getCondition());
    }

    /** Why the other end closed one of the links that {@link #putToken} has: that of requests, or of answers. */
    String cbsDetached(Session session, boolean requests) throws IOException {
        return detached(cbs.get(session)[requests ? 0 : 1]);
    }

    /** Puts a token as SDKs do. */
    Answer putToken(Session session, String token) throws IOException {
        return putToken(session, token, UUID.randomUUID().toString(), "servicebus.windows.net:sastoken");
    }

    Answer putToken(Session session, String token, Object id, String type) throws IOException {
        var links = cbs.get(session);
        if (links == null) {
            links = new Link[] {sender(session, "cbs-sender", "$cbs"), receiver(session, "cbs-receiver", "$cbs")};
            ((Receiver) links[1]).flow(1000);
            cbs.put(session, links);
        }
        var request = Proton.message();
        request.setMessageId(id);
        request.setReplyTo("cbs");
        request.setApplicationProperties(
                new ApplicationProperties(Map.of("operation", "put-token", "type", type, "name", "anything")));
        request.setBody(new AmqpValue(token));
        var sent = send((Sender) links[0], 0, encode(request));
        var receiver = (Receiver) links[1];
        await(() -> receiver.current() != null && !receiver.current().isPartial());
        var delivery = receiver.current();
        boolean settledBefore = sent.remotelySettled();
        var bytes = new byte[delivery.available()];
        receiver.recv(bytes, 0, bytes.length);
        receiver.advance();
        delivery.settle();
        var answer = Proton.message();
        answer.decode(bytes, 0, bytes.length);
        var properties = answer.getApplicationProperties().getValue();
        return new Answer(
                answer.getCorrelationId(),
                properties.get("status-code"),
                (String) properties.get("status-description"),
                settledBefore);
    }

    static byte[] encode(Message message) {
        var buffer = new byte[512 << 10];
        return Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length));
    }

    /** Sends without waiting for what becomes of it. */
    Delivery send(Sender sender, int format, byte[] encoded) throws IOException {
        await(() -> sender.getCredit() > 0);
        var delivery = sender.delivery(Integer.toString(tags++).getBytes(StandardCharsets.US_ASCII));
        delivery.setMessageFormat(format);
        sender.send(encoded, 0, encoded.length);
        sender.advance();
        write();
        return delivery;
    }

    /** What became of it. */
    Object outcome(Delivery delivery) throws IOException {
        await(delivery::remotelySettled);
        var state = delivery.getRemoteState();
        delivery.settle();
        return state;
    }

    /** Lets the engines talk until it is so. */
    void await(BooleanSupplier wanted) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            write();
            if (wanted.getAsBoolean()) {
                return;
            }
            if (ended) {
                throw new IOException("the gateway closed the connection: " + connection.getRemoteCondition());
            }
            read(deadline);
        }
    }

    private void read(long deadline) throws IOException {
        try {
            var bytes = arriving.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (bytes == null) {
                throw new SocketTimeoutException("the gateway said nothing that was waited for");
            }
            if (bytes.isEmpty()) {
                ended = true;
                return;
            }
            for (int from = 0; from < bytes.get().length; ) {
                var tail = engine.tail();
                int now = Math.min(tail.remaining(), bytes.get().length - from);
                tail.put(bytes.get(), from, now);
                engine.process();
                from += now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes what the engine has to say. */
    void write() throws IOException {
        for (int length = engine.pending(); length > 0; length = engine.pending()) {
            var bytes = new byte[length];
            engine.head().get(bytes);
            engine.pop(length);
            wire.write(bytes);
        }
    }

    /** Waits for the end of the connection, and what the gateway says of it. */
    String closed() throws IOException {
        await(() -> connection.getRemoteState() == EndpointState.CLOSED || ended);
        return String.valueOf(connection.getRemoteCondition().getCondition());
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
