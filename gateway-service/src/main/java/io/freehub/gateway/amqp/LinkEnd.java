package io.freehub.gateway.amqp;

import io.netty.util.concurrent.EventExecutor;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Session;
import org.jspecify.annotations.Nullable;

/** The hub's end of a link. Used on the event loop of the connection only. */
abstract sealed class LinkEnd permits IncomingLink, OutgoingLink {

    private final AmqpConnection connection;
    private final Link link;
    private boolean ended;
    private @Nullable DeviceSession owner;

    LinkEnd(AmqpConnection connection, Link link) {
        this.connection = connection;
        this.link = link;
    }

    AmqpConnection connection() {
        return connection;
    }

    EventExecutor executor() {
        return connection.channel().executor();
    }

    /** The AMQP session that it lies in. */
    Session session() {
        return link.getSession();
    }

    /** Where it leads. */
    Address address() {
        return Address.of(link);
    }

    /** Whether it is of this session. */
    boolean isOf(DeviceSession session) {
        return owner == session;
    }

    /** The session ends with its last link, and the link with it. */
    void belongTo(DeviceSession session) {
        if (!ended) {
            owner = session;
            session.opened(this);
        }
    }

    /** The link is open, now things may be sent on it. */
    abstract void begin();

    /** What the client said of the link when it attached it. */
    Optional<String> property(String name) {
        return property(link, name);
    }

    static Optional<String> property(Link link, String name) {
        Map<Symbol, Object> properties = link.getRemoteProperties();
        return properties == null
                ? Optional.empty()
                : Optional.ofNullable(properties.get(Symbol.valueOf(name))).map(Object::toString);
    }

    /** All that it said. */
    Map<Symbol, Object> properties() {
        return Optional.ofNullable(link.getRemoteProperties()).orElse(Map.of());
    }

    /** Whether the link is gone. */
    boolean isEnded() {
        return ended;
    }

    /** Ends the link, or refuses it while the client waits for it, and tells the client why. */
    void detach(ErrorCondition why) {
        if (!ended) {
            if (isAwaited(link)) {
                refuse(link, why);
            } else {
                link.setCondition(why);
                link.close();
            }
            end();
            connection.flush();
        }
    }

    /** The link is gone; whoever serves it is told once. */
    void end() {
        if (!ended) {
            ended = true;
            connection.ended(this);
            tellEnded();
            if (owner != null) {
                owner.ended(this);
            }
        }
    }

    abstract void tellEnded();

    /** Takes the link as the client asked for it; settle modes and both ends are told back as they came. */
    void accept() {
        link.setSource(link.getRemoteSource());
        link.setTarget(link.getRemoteTarget());
        link.setSenderSettleMode(link.getRemoteSenderSettleMode());
        link.setReceiverSettleMode(link.getRemoteReceiverSettleMode());
        link.open();
    }

    /** Whether the client still waits for the link, of which nothing was said yet. */
    static boolean isAwaited(Link link) {
        return link.getLocalState() == EndpointState.UNINITIALIZED
                && link.getRemoteState() == EndpointState.ACTIVE
                && link.getSession().getRemoteState() == EndpointState.ACTIVE;
    }

    /** Refuses a link that the client waits for: it is attached without an end, and detached. */
    static void refuse(Link link, ErrorCondition why) {
        if (isAwaited(link)) {
            link.setSenderSettleMode(link.getRemoteSenderSettleMode());
            link.setReceiverSettleMode(link.getRemoteReceiverSettleMode());
            link.open();
            link.setCondition(why);
            link.close();
        }
    }
}
