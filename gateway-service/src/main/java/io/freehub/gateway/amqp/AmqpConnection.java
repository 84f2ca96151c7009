package io.freehub.gateway.amqp;

import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.identity.Proof;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.MessageProperties;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.engine.Collector;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.impl.TransportImpl;
import org.jspecify.annotations.Nullable;

/**
 * One connection: its links, what was proved on it, and the sessions of the devices and modules that have links. Used on its
 * event loop only.
 */
final class AmqpConnection {

    /** Bytes of messages that have not come as a whole, on all links together. */
    private static final int MAX_GATHERED = 8 << 20;

    /** Links before anybody has proved who he is: those to {@code $cbs}, and some that are refused. */
    private static final int MAX_UNPROVED_LINKS = 64;

    /** AMQP sessions of all connections on which nobody has proved who he is; some of these open one for each device first. */
    private static final int MAX_PENDING_SESSIONS = 100_000;

    private static final Duration SHORTEST_TICK = Duration.ofMillis(250);

    private final AmqpChannel channel;
    private final AmqpEnvironment hub;
    private final Runnable onGone;
    private final TransportImpl engine = new TransportImpl();
    private final Connection connection = Proton.connection();
    private final Collector events = Proton.collector();
    private final FrameGuard guard;
    private final Tokens tokens;
    private final Cbs cbs;
    private final Answers management = new Answers();
    private final Map<IdentityId, DeviceSession> sessions = new HashMap<>();
    private final Set<LinkEnd> links = new HashSet<>();
    private final Queue<Runnable> whenFlushed = new ArrayDeque<>();

    private @Nullable SaslServer sasl;
    private boolean proved;
    private int pendingSessions;
    private int gathered;
    private boolean over;
    private long unprovedSince = System.nanoTime();

    /** @param onGone told once when the connection is gone */
    AmqpConnection(AmqpChannel channel, AmqpEnvironment hub, Runnable onGone) {
        this.channel = channel;
        this.hub = hub;
        this.onGone = onGone;
        var config = hub.config();
        engine.setMaxFrameSize(AmqpChannel.MAX_FRAME);
        engine.setInitialRemoteMaxFrameSize(AmqpChannel.MAX_SASL_FRAME);
        engine.setOutboundFrameSizeLimit(4 * AmqpChannel.MAX_FRAME);
        engine.setChannelMax(config.maxSessions() - 1);
        // The engine tells clients half of it, which it is meant to (AMQP 1.0, section 2.4.5).
        engine.setIdleTimeout((int) (2 * config.idleTimeout().toMillis()));
        engine.setUseReadOnlyOutputBuffer(false);
        engine.setEmitFlowEventOnSend(false);
        guard = new FrameGuard(engine, config.maxSessions() - 1, () -> proved ? config.maxLinks() : MAX_UNPROVED_LINKS);
        engine.setFrameHandler(guard);
        connection.collect(events);
        engine.bind(connection);
        tokens = new Tokens(this, hub);
        cbs = new Cbs(this);
        hub.metrics().connections().incrementAndGet();
        hub.metrics().pending().incrementAndGet();
        channel.schedule(this::watch, config.connectTimeout());
    }

    TransportImpl engine() {
        return engine;
    }

    AmqpChannel channel() {
        return channel;
    }

    AmqpEnvironment hub() {
        return hub;
    }

    /** What was proved on this connection. */
    Tokens tokens() {
        return tokens;
    }

    Cbs cbs() {
        return cbs;
    }

    /** Who takes answers about the events that there are. */
    Answers management() {
        return management;
    }

    /** The sessions that are open or about to be. */
    List<DeviceSession> sessions() {
        return List.copyOf(sessions.values());
    }

    void flush() {
        channel.flush();
    }

    /** Runs the task, once and a little later, when more of what there is to say was written, or could be. */
    void whenFlushed(Runnable task) {
        whenFlushed.add(task);
    }

    void flushed() {
        for (var task = whenFlushed.poll(); task != null; task = whenFlushed.poll()) {
            channel.executor().execute(task);
        }
    }

    /** Whether the connection is gone, or about to. */
    boolean isOver() {
        return over;
    }

    /** Whether anybody has proved who he is. */
    boolean isProved() {
        return proved;
    }

    /** Somebody has proved who he is. */
    void proved() {
        if (!proved) {
            proved = true;
            noLongerPending();
        }
    }

    private void noLongerPending() {
        hub.metrics().pending().decrementAndGet();
        hub.metrics().pendingSessions().addAndGet(-pendingSessions);
        pendingSessions = 0;
    }

    void beginSasl() {
        sasl = new SaslServer(this, engine);
    }

    boolean isSaslDone() {
        return sasl != null;
    }

    /** The client did not prove what it said. */
    void saslFailed() {
        over = true;
        channel.close("SASL failed");
    }

    /** The first bytes were of something else. */
    void noAmqp() {
        hub.metrics().violated();
        channel.cut("the client does not speak AMQP 1.0");
    }

    /** The client broke the protocol. */
    void violated(String condition, String text) {
        hub.metrics().violated();
        close(AmqpErrors.condition(condition, text), "the client sent " + text);
    }

    /** Ends the connection and tells the client why. */
    void close(ErrorCondition why, String reason) {
        if (!over) {
            over = true;
            if (guard.isOpened()) {
                connection.setCondition(why);
                connection.close();
                channel.close(reason);
            } else {
                channel.cut(reason);
            }
        }
    }

    /** Ends the connection as if there were no more to say. */
    void finish(String reason) {
        if (!over) {
            over = true;
            connection.close();
            channel.close(reason);
        }
    }

    /** Ends the connection as a broken network does. */
    void reset(String reason) {
        over = true;
        channel.reset(reason);
    }

    /** Ends an AMQP session, and every link in it. */
    void end(Session session, ErrorCondition why) {
        List.copyOf(links).stream().filter(link -> link.session() == session).forEach(LinkEnd::end);
        session.setCondition(why);
        session.close();
        flush();
    }

    /** The links that are open. */
    List<LinkEnd> links() {
        return List.copyOf(links);
    }

    /** More or less of messages that are not whole. */
    void gathered(int bytes) {
        gathered += bytes;
        if (gathered > MAX_GATHERED) {
            close(
                    AmqpErrors.condition(
                            AmqpErrors.RESOURCE_LIMIT,
                            "more than " + MAX_GATHERED + " bytes of messages that have not come as a whole"),
                    "too many messages are not whole");
        }
    }

    /** The engine has had a frame. */
    void processed() {
        for (var event = events.peek(); event != null; event = events.peek()) {
            handle(event);
            events.pop();
        }
    }

    private void handle(Event event) {
        switch (event.getType()) {
            case CONNECTION_REMOTE_OPEN -> {
                connection.setContainer(hub.hosts().getFirst());
                connection.open();
                tick();
            }
            case CONNECTION_REMOTE_CLOSE -> {
                over = true;
                connection.close();
                channel.cut("the client closed the connection");
            }
            case SESSION_REMOTE_OPEN -> opened(event.getSession());
            case SESSION_REMOTE_CLOSE -> closed(event.getSession());
            case LINK_REMOTE_OPEN -> attach(event.getLink());
            case LINK_REMOTE_CLOSE -> detached(event.getLink(), true);
            case LINK_REMOTE_DETACH -> detached(event.getLink(), false);
            case LINK_FLOW -> {
                if (event.getLink().getContext() instanceof OutgoingLink link) {
                    link.credited();
                }
            }
            case DELIVERY -> delivered(event.getDelivery());
            case TRANSPORT_ERROR -> {
                var condition = engine.getCondition();
                violated(
                        AmqpErrors.DECODE_ERROR,
                        condition == null ? "a malformed frame" : "a malformed frame: " + condition.getDescription());
            }
            default -> {
                // What we did ourselves.
            }
        }
    }

    private void opened(Session session) {
        if (!proved) {
            pendingSessions++;
            if (hub.metrics().pendingSessions().incrementAndGet() > MAX_PENDING_SESSIONS) {
                close(AmqpErrors.condition(AmqpErrors.RESOURCE_LIMIT, "too many sessions"), "too many sessions");
                return;
            }
        }
        session.setIncomingCapacity(MAX_GATHERED);
        session.open();
    }

    private void closed(Session session) {
        List.copyOf(links).stream().filter(link -> link.session() == session).forEach(LinkEnd::end);
        session.close();
        session.free();
    }

    private void detached(Link link, boolean closed) {
        if (link.getContext() instanceof LinkEnd end) {
            end.end();
        }
        if (link.getLocalState() == EndpointState.UNINITIALIZED) {
            link.open();
        }
        if (closed) {
            link.close();
        } else if (link.getLocalState() != EndpointState.CLOSED) {
            link.detach();
        }
        link.free();
    }

    private void delivered(Delivery delivery) {
        switch (delivery.getLink().getContext()) {
            case IncomingLink link when !link.isEnded() -> link.delivered(delivery);
            case OutgoingLink link -> link.disposed(delivery);
            // The link is gone on our side; what is still on its way to it is dropped.
            case null, default -> drop(delivery);
        }
    }

    private static void drop(Delivery delivery) {
        if (delivery.getLink() instanceof Receiver receiver && receiver.current() == delivery) {
            IncomingLink.drain(receiver);
        }
        // The engine still needs to know a delivery of which more may come.
        if (!delivery.isPartial()) {
            delivery.settle();
        }
    }

    private void attach(Link link) {
        if (over) {
            return;
        }
        var address = Address.of(link);
        var ofIdentity = address.ofIdentity();
        if (ofIdentity.isPresent()) {
            attach(link, ofIdentity.get());
            return;
        }
        var node = hub.hubNode(address);
        if (node.isEmpty()) {
            refuseUnknown(link);
            return;
        }
        open(link, new Opening() {
            @Override
            public Optional<Intake> incoming(IncomingLink end) {
                return node.get().open(end, address, AmqpConnection.this);
            }

            @Override
            public Optional<Outlet> outgoing(OutgoingLink end) {
                return node.get().open(end, address, AmqpConnection.this);
            }
        });
    }

    private void attach(Link link, Address.OfIdentity address) {
        var node = hub.deviceNode(address.path());
        if (node.isEmpty() || address.identities().isEmpty()) {
            refuseUnknown(link);
            return;
        }
        attach(link, node.get(), address.identities());
    }

    /** @param identities that the link may be for; the first that is not there gives way to the next */
    void attach(Link link, DeviceNode node, List<IdentityId> identities) {
        if (over || !LinkEnd.isAwaited(link)) {
            return;
        }
        var here = identities.stream().filter(sessions::containsKey).findFirst();
        var identity = here.or(() -> identities.stream()
                        .filter(candidate -> tokens.of(candidate).isPresent())
                        .findFirst())
                .orElse(identities.getFirst());
        var session = sessions.get(identity);
        if (session == null) {
            var proof = tokens.of(identity)
                    .<Proof>map(Proof.Token::new)
                    .orElseGet(() -> Proof.of(channel.clientCertificates()));
            if (proof instanceof Proof.Nothing) {
                // No attempt to prove anything: clients that are refused by $cbs may try this too.
                hub.metrics().refused(HubError.UNAUTHORIZED);
                refuse(link, HubError.UNAUTHORIZED, "the connection has brought no token for " + identity);
                return;
            }
            session = new DeviceSession(this, identity, proof);
            sessions.put(identity, session);
        }
        session.attach(
                link,
                node,
                identities.stream().filter(other -> !other.equals(identity)).toList());
    }

    /** Opens a link of a session that was admitted. */
    void open(Link link, DeviceNode node, DeviceSession session) {
        open(link, new Opening() {
            @Override
            public Optional<Intake> incoming(IncomingLink end) {
                return node.open(end, session);
            }

            @Override
            public Optional<Outlet> outgoing(OutgoingLink end) {
                return node.open(end, session);
            }

            @Override
            public void opened(LinkEnd end) {
                end.belongTo(session);
            }
        });
    }

    private interface Opening {

        Optional<Intake> incoming(IncomingLink end);

        Optional<Outlet> outgoing(OutgoingLink end);

        /** The link is open, and nothing was sent on it yet. */
        default void opened(LinkEnd end) {}
    }

    private void open(Link link, Opening opening) {
        try {
            LinkEnd end;
            boolean opened;
            switch (link) {
                case Receiver receiver -> {
                    var incoming = new IncomingLink(this, receiver, MessageProperties.MAX_MESSAGE_SIZE);
                    var intake = opening.incoming(incoming);
                    intake.ifPresent(incoming::open);
                    opened = intake.isPresent();
                    end = incoming;
                }
                case Sender sender -> {
                    var outgoing = new OutgoingLink(this, sender);
                    var outlet = opening.outgoing(outgoing);
                    outlet.ifPresent(outgoing::open);
                    opened = outlet.isPresent();
                    end = outgoing;
                }
                default -> throw new IllegalStateException("a link is one or the other");
            }
            if (!opened) {
                refuseUnknown(link);
                return;
            }
            link.setContext(end);
            links.add(end);
            opening.opened(end);
            end.begin();
        } catch (HubException e) {
            refuse(link, e.error(), e.getMessage());
        }
    }

    private void refuseUnknown(Link link) {
        LinkEnd.refuse(
                link, AmqpErrors.condition(AmqpErrors.NOT_FOUND, "there is nothing to send to or receive from here"));
        flush();
    }

    /** Somebody failed to prove who he is. */
    void refused(String client, HubError error, String reason) {
        hub.metrics().refused(error);
        hub.refusalEvents().refused(client, error, reason, channel.remoteAddress());
        DeviceLog.info(
                client,
                "",
                "proof refused transport=amqp/%s error=%s code=%d from=%s reason=%s"
                        .formatted(
                                channel.transport(), error.wireName(), error.code(), channel.remoteAddress(), reason));
    }

    void refuse(Link link, HubError error, String text) {
        LinkEnd.refuse(link, AmqpErrors.ofRefusal(error, text));
        flush();
    }

    /** The link is gone. */
    void ended(LinkEnd link) {
        links.remove(link);
    }

    /** The session is over. */
    void ended(DeviceSession session) {
        sessions.remove(session.identity(), session);
        if (sessions.isEmpty()) {
            unprovedSince = System.nanoTime();
        }
    }

    /** Nothing more is read until Kafka has room. */
    void pauseWhileFull() {
        if (hub.telemetry().isFull()) {
            channel.pause();
            hub.telemetry().whenRoom(() -> channel.executor().execute(channel::resume));
        }
    }

    /** A connection that nobody proves to have a right to, or that does not read, goes. */
    private void watch() {
        if (over) {
            return;
        }
        var patience = hub.config().connectTimeout();
        if (!sessions.isEmpty() || tokens.isAny()) {
            unprovedSince = System.nanoTime();
        }
        if (channel.unread().compareTo(patience) >= 0) {
            over = true;
            channel.cut("the client reads nothing");
            return;
        }
        var unproved = Duration.ofNanos(System.nanoTime() - unprovedSince);
        if (unproved.compareTo(patience) >= 0) {
            hub.metrics().timedOut();
            close(
                    AmqpErrors.condition(AmqpErrors.UNAUTHORIZED, "nothing was proved in time"),
                    "nobody proved who he is in time");
            return;
        }
        channel.schedule(this::watch, patience.minus(unproved).plusMillis(1));
    }

    private void tick() {
        if (over) {
            return;
        }
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        long next = Math.max(engine.tick(now) - now, SHORTEST_TICK.toMillis());
        if (connection.getLocalState() == EndpointState.CLOSED) {
            over = true;
            channel.close("nothing came for too long");
            return;
        }
        flush();
        channel.schedule(this::tick, Duration.ofMillis(next));
    }

    /** The gateway stops. */
    void shutDown() {
        close(AmqpErrors.condition(AmqpErrors.FORCED, "the gateway stops"), "the gateway stops");
    }

    /** The connection is gone. */
    void gone(String reason) {
        over = true;
        sessions().forEach(session -> session.gone(reason));
        new ArrayList<>(links).forEach(LinkEnd::end);
        tokens.gone();
        onGone.run();
        hub.metrics().connections().decrementAndGet();
        if (!proved) {
            noLongerPending();
        }
    }
}
