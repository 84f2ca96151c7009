package io.freehub.gateway.amqp;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Sender;
import org.jspecify.annotations.Nullable;

/** The hub's end of a link on which the client receives. */
final class OutgoingLink extends LinkEnd {

    /** Messages that the client has no credit for, or reads none of. */
    private static final int MAX_QUEUED = 64;

    /** Messages of which the client has not said what became of them. */
    private static final int MAX_UNSETTLED = 1000;

    private final Sender sender;
    private @Nullable Outlet outlet;
    private boolean graceRuns;

    OutgoingLink(AmqpConnection connection, Sender sender) {
        super(connection, sender);
        this.sender = sender;
    }

    /** From now on what the client says of the link goes there; only then something may be sent. */
    void open(Outlet from) {
        outlet = from;
        if (!from.isLate()) {
            accept();
        }
    }

    /** Opens the link of an outlet that was late; whatever the client asked for, the hub settles all that it sends. */
    void openSettled(List<Symbol> offered) {
        if (!isEnded()) {
            accept();
            sender.setSenderSettleMode(SenderSettleMode.SETTLED);
            sender.setOfferedCapabilities(offered.toArray(Symbol[]::new));
            begun();
            connection().flush();
        }
    }

    String name() {
        return sender.getName();
    }

    /** What of the node the client wants to have, by name. */
    Map<?, ?> filters() {
        return sender.getRemoteSource() instanceof Source source && source.getFilter() != null
                ? source.getFilter()
                : Map.of();
    }

    /** Whether the client would like the link to be capable of it. */
    boolean desires(Symbol capability) {
        var desired = sender.getRemoteDesiredCapabilities();
        return desired != null && List.of(desired).contains(capability);
    }

    /** Whether the engine has written all that was sent. */
    boolean isWritten() {
        return sender.getQueued() == 0;
    }

    /** Whether it lies in the AMQP session of the other link. */
    boolean isBeside(IncomingLink other) {
        return session() == other.session();
    }

    /** Whether the client calls its end so, by address or by name. */
    boolean isFor(String replyTo) {
        return replyTo.equals(sender.getName())
                || sender.getRemoteTarget() instanceof Target target && replyTo.equals(target.getAddress());
    }

    /** How many messages the client would take now. */
    int credit() {
        return sender.getCredit();
    }

    /** Whether so much waits for the client that no more should be sent. */
    boolean isClogged() {
        return sender.getQueued() >= MAX_QUEUED || sender.getUnsettled() >= MAX_UNSETTLED;
    }

    /** Whether the client insists on settling what it gets. */
    boolean isSettledByClient() {
        return sender.getRemoteSenderSettleMode() == SenderSettleMode.UNSETTLED;
    }

    /** Whether the client never says what becomes of what it gets. */
    boolean isSettledByHub() {
        return sender.getRemoteSenderSettleMode() == SenderSettleMode.SETTLED;
    }

    /**
     * Sends a message; it waits for the client's credit, so whoever sends bounds how many.
     *
     * @param tag unique among what is unsettled on the link
     * @param settled whether nobody wants to hear what becomes of it
     */
    Delivery send(byte[] tag, byte[] encoded, boolean settled) {
        var delivery = sender.delivery(tag);
        sender.send(encoded, 0, encoded.length);
        if (settled) {
            delivery.settle();
        }
        sender.advance();
        return delivery;
    }

    void credited() {
        if (outlet != null && !isEnded()) {
            outlet.credited();
            if (isDraining()) {
                drain(outlet, outlet.grace());
            }
        }
    }

    /** Whether the client wants its credit to be used at once or given back. */
    private boolean isDraining() {
        return sender.getDrain() && sender.getCredit() > 0;
    }

    private void drain(Outlet from, Duration grace) {
        if (grace.isZero()) {
            sender.drained();
            from.credited();
        } else if (!graceRuns) {
            graceRuns = true;
            connection()
                    .channel()
                    .schedule(
                            () -> {
                                graceRuns = false;
                                if (!isEnded() && isDraining()) {
                                    drain(from, Duration.ZERO);
                                    connection().flush();
                                }
                            },
                            grace);
        }
    }

    /** The client has said something of a message. */
    void disposed(Delivery delivery) {
        if (!delivery.isSettled() && (delivery.remotelySettled() || delivery.getRemoteState() != null)) {
            if (outlet == null || isEnded()) {
                delivery.settle();
            } else {
                outlet.disposed(delivery);
            }
        }
    }

    @Override
    void begin() {
        if (outlet != null && !outlet.isLate()) {
            begun();
        }
    }

    private void begun() {
        if (outlet != null) {
            outlet.begun();
        }
    }

    @Override
    void tellEnded() {
        if (outlet != null) {
            outlet.ended();
        }
    }
}
