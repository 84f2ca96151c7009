package io.freehub.gateway.amqp;

import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Receiver;
import org.jspecify.annotations.Nullable;

/** The hub's end of a link on which the client sends. */
final class IncomingLink extends LinkEnd {

    private static final byte[] NOWHERE = new byte[4096];

    private final Receiver receiver;
    private final int maxMessage;
    private @Nullable Intake intake;
    private int gathered;
    private boolean tooLarge;

    /** @param maxMessage greatest message in bytes, as it is encoded */
    IncomingLink(AmqpConnection connection, Receiver receiver, int maxMessage) {
        super(connection, receiver);
        this.receiver = receiver;
        this.maxMessage = maxMessage;
    }

    /** From now on the client's messages go there. */
    void open(Intake to) {
        intake = to;
        // The C SDK sends nothing where it is not told.
        receiver.setMaxMessageSize(UnsignedLong.valueOf(maxMessage));
        accept();
    }

    /** Lets the client send that many more. */
    void grant(int messages) {
        if (!isEnded()) {
            receiver.flow(messages);
        }
    }

    /** How many messages the client may still send. */
    int credit() {
        return receiver.getCredit();
    }

    /** Says what became of a message; to be called once for each, on this event loop. */
    void settle(Incoming message, DeliveryState state) {
        if (!isEnded()) {
            message.delivery().disposition(state);
            message.delivery().settle();
        }
    }

    /** More of a delivery has come, or something was said of one. */
    void delivered(Delivery delivery) {
        if (delivery.isAborted()) {
            gather(0);
            tooLarge = false;
            delivery.settle();
            return;
        }
        if (receiver.current() != delivery) {
            return;
        }
        tooLarge |= delivery.available() > maxMessage;
        if (tooLarge) {
            drain(receiver);
        }
        gather(delivery.available());
        if (!delivery.isPartial()) {
            complete(delivery);
        }
    }

    /** Throws away what has come. */
    static void drain(Receiver receiver) {
        while (receiver.recv(NOWHERE, 0, NOWHERE.length) > 0) {
            // Nobody wants it, but the client is told only when it is done.
        }
    }

    private void complete(Delivery delivery) {
        var encoded = new byte[delivery.available()];
        receiver.recv(encoded, 0, encoded.length);
        gather(0);
        boolean refused = tooLarge;
        tooLarge = false;
        receiver.advance();
        var message = new Incoming(delivery, delivery.getMessageFormat(), encoded);
        if (receiver.getCredit() < 0) {
            detach(AmqpErrors.condition(
                    "amqp:link:transfer-limit-exceeded", "more messages than there was credit for"));
        } else if (refused) {
            receiver.flow(1);
            settle(
                    message,
                    AmqpErrors.rejected(
                            "amqp:link:message-size-exceeded", "a message has at most " + maxMessage + " bytes"));
        } else if (intake != null) {
            intake.take(message);
        }
    }

    private void gather(int bytes) {
        int more = bytes - gathered;
        gathered = bytes;
        connection().gathered(more);
    }

    @Override
    void begin() {
        if (intake != null) {
            intake.begun();
        }
    }

    @Override
    void tellEnded() {
        gather(0);
        if (intake != null) {
            intake.ended();
        }
    }
}
