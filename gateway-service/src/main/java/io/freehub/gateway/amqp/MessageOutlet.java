package io.freehub.gateway.amqp;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.command.LockedMessages;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.Disposition;
import io.freehub.model.HubError;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.engine.Delivery;
import org.jspecify.annotations.Nullable;

/**
 * Messages of back ends on one link. The device completes, abandons or rejects each within the time of its lock; otherwise
 * it is delivered again. One that waits for the hub to settle hears whether that counts. Credit is what command-service may
 * lock for the session, so that nothing is locked for a device that does not take it.
 *
 * <p>Source: IoT Hub, "send cloud-to-device messages", life cycle; the outcomes that SDKs send, and the C# SDK, which takes
 * nothing but accepted for a confirmation and {@code amqp:not-found} for a lost lock.
 */
final class MessageOutlet implements Outlet {

    /** Long enough for command-service to lock what waits in the queue. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final OutgoingLink link;
    private final MessageLinks owner;
    private final LockedMessages locked;
    private final Duration lock;
    private final int most;

    /** Messages that came when there was no credit any more. */
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** What the client has, the oldest first. */
    private final Map<Delivery, Lock> unsettled = new LinkedHashMap<>();

    /** What the client has and need not settle any more: it may ask, and is told so. */
    private final Deque<Delivery> lost = new ArrayDeque<>();

    private @Nullable Future<?> timer;

    private record Lock(String token, long since) {}

    private record Waiting(DeviceBoundMessage message, long since) {}

    MessageOutlet(OutgoingLink link, MessageLinks owner, GatewayConfig.Amqp config) {
        this.link = link;
        this.owner = owner;
        this.locked = owner.locked();
        this.lock = config.messageLock();
        this.most = config.messageWindow();
    }

    OutgoingLink link() {
        return link;
    }

    @Override
    public void begun() {
        owner.begun(this);
        tellRoom();
    }

    @Override
    public void credited() {
        while (link.credit() > 0 && !waiting.isEmpty()) {
            send(waiting.remove().message());
        }
        tellRoom();
    }

    @Override
    public Duration grace() {
        return GRACE;
    }

    private void tellRoom() {
        locked.takes(Math.max(0, link.credit()));
        if (link.credit() > 0) {
            locked.attach();
        }
    }

    /** A message that is locked for the session. */
    void deliver(DeviceBoundMessage message) {
        if (link.credit() > 0) {
            send(message);
            tellRoom();
            link.connection().flush();
        } else {
            waiting.add(new Waiting(message, System.nanoTime()));
            watch();
        }
    }

    private void send(DeviceBoundMessage message) {
        boolean settled = link.isSettledByHub();
        var delivery = link.send(
                Encoding.tag(UUID.fromString(message.lockToken())),
                DeviceBoundEncoding.of(owner.device(), message),
                settled);
        if (settled) {
            locked.settle(message.lockToken(), Disposition.COMPLETED);
        } else {
            unsettled.put(delivery, new Lock(message.lockToken(), System.nanoTime()));
            watch();
        }
    }

    @Override
    public void disposed(Delivery delivery) {
        var disposition = disposition(delivery);
        if (disposition.isEmpty()) {
            return;
        }
        boolean told = delivery.remotelySettled();
        if (told) {
            delivery.settle();
        }
        var held = unsettled.remove(delivery);
        if (held == null) {
            lost.remove(delivery);
            answer(delivery, AmqpErrors.rejected(AmqpErrors.NOT_FOUND, "the lock of the message has ended"));
            return;
        }
        locked.release(held.token());
        // Before the message is settled, for then the next one comes.
        tellRoom();
        locked.tell(held.token(), disposition.get(), failure -> link.executor()
                .execute(() -> answer(
                        delivery,
                        failure.isEmpty()
                                ? Accepted.getInstance()
                                : AmqpErrors.rejected(
                                        HubError.SERVER_ERROR.amqpCondition(),
                                        "it could not be stored, the message is delivered again"))));
    }

    /** What the client says is to become of it; empty while it has not said. */
    private static Optional<Disposition> disposition(Delivery delivery) {
        return switch (delivery.getRemoteState()) {
            case Accepted _ -> Optional.of(Disposition.COMPLETED);
            case Rejected _ -> Optional.of(Disposition.REJECTED);
            case Released _, Modified _ -> Optional.of(Disposition.ABANDONED);
            case null, default -> delivery.remotelySettled() ? Optional.of(Disposition.ABANDONED) : Optional.empty();
        };
    }

    /** Says whether the settlement counts, to a client that waits for it. */
    private void answer(Delivery delivery, DeliveryState state) {
        if (!link.isEnded() && !delivery.isSettled()) {
            delivery.disposition(state);
            delivery.settle();
            link.connection().flush();
        }
    }

    private void watch() {
        if (timer == null) {
            oldest().ifPresent(since -> timer = link.connection()
                    .channel()
                    .schedule(
                            this::expire,
                            lock.minusNanos(System.nanoTime() - since).plusMillis(1)));
        }
    }

    private Optional<Long> oldest() {
        var sent = unsettled.values().stream().findFirst().map(Lock::since);
        var unsent = Optional.ofNullable(waiting.peek()).map(Waiting::since);
        return sent.isPresent() && unsent.isPresent()
                ? Optional.of(sent.get() - unsent.get() < 0 ? sent.get() : unsent.get())
                : sent.or(() -> unsent);
    }

    /** Gives back what was locked for too long. */
    private void expire() {
        timer = null;
        if (link.isEnded()) {
            return;
        }
        long now = System.nanoTime();
        while (!waiting.isEmpty() && now - waiting.peek().since() >= lock.toNanos()) {
            locked.settle(waiting.remove().message().lockToken(), Disposition.ABANDONED);
        }
        for (var held = unsettled.entrySet().iterator(); held.hasNext(); ) {
            var next = held.next();
            if (now - next.getValue().since() < lock.toNanos()) {
                break;
            }
            held.remove();
            lost.add(next.getKey());
            locked.settle(next.getValue().token(), Disposition.ABANDONED);
        }
        while (lost.size() > most) {
            lost.remove().settle();
        }
        tellRoom();
        watch();
        link.connection().flush();
    }

    @Override
    public void ended() {
        if (timer != null) {
            timer.cancel(false);
        }
        owner.ended(this);
    }
}
