package io.freehub.gateway.amqp;

import io.freehub.gateway.command.LockedMessages;
import io.freehub.model.DeviceId;
import io.freehub.model.Downlink;
import io.freehub.model.ReceiverEvent;
import org.jspecify.annotations.Nullable;

/** Messages of back ends to a device, on the newest link that its session has for them. */
final class MessageLinks {

    private final DeviceSession session;
    private final LockedMessages locked;
    private @Nullable MessageOutlet current;

    MessageLinks(DeviceSession session) {
        this.session = session;
        var hub = session.hub();
        int window = hub.config().messageWindow();
        locked = new LockedMessages(
                hub.commands(), session.address(), session.attachment(ReceiverEvent.Link.MESSAGES, window), window);
    }

    /** A link that takes messages. */
    Outlet receive(OutgoingLink link) {
        return new MessageOutlet(link, this, session.hub().config());
    }

    LockedMessages locked() {
        return locked;
    }

    DeviceId device() {
        return session.identity().device();
    }

    /** The link is open, and takes the place of any other. */
    void begun(MessageOutlet outlet) {
        if (current != null) {
            current.link().detach(AmqpErrors.stolen());
        }
        current = outlet;
    }

    void ended(MessageOutlet outlet) {
        if (current == outlet) {
            current = null;
            locked.detach();
        }
    }

    void deliver(Downlink.MessageDelivered delivered) {
        // Without a link there is none that it could be locked for, and it is given back.
        if (locked.take(delivered) && current != null) {
            current.deliver(delivered.message());
        }
    }
}
