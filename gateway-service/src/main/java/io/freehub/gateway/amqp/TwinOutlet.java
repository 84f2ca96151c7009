package io.freehub.gateway.amqp;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/**
 * What a device or module hears of its twin on one link. What it gives no credit for waits here: the engine would not even
 * let the link end before.
 */
final class TwinOutlet implements Outlet {

    /** Bytes that may wait. */
    private static final int MAX_WAITING = 1 << 20;

    private final OutgoingLink link;
    private final TwinLinks owner;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private long sent;

    TwinOutlet(OutgoingLink link, TwinLinks owner) {
        this.link = link;
        this.owner = owner;
    }

    OutgoingLink link() {
        return link;
    }

    @Override
    public void begun() {
        owner.begun(this);
    }

    /** Tells the client, or ends the link when it does not listen. */
    void tell(byte[] message) {
        if (waitingBytes > MAX_WAITING || link.isClogged()) {
            link.detach(AmqpErrors.condition(
                    AmqpErrors.RESOURCE_LIMIT, "the client does not take what it is told of its twin"));
            return;
        }
        waiting.add(message);
        waitingBytes += message.length;
        credited();
        link.connection().flush();
    }

    @Override
    public void credited() {
        while (link.credit() > 0 && !waiting.isEmpty()) {
            var next = waiting.remove();
            waitingBytes -= next.length;
            link.send(Encoding.tag(new UUID(0, sent++)), next, !link.isSettledByClient());
        }
    }

    @Override
    public void ended() {
        owner.ended(this);
    }
}
