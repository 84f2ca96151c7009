package io.freehub.gateway.amqp;

import io.freehub.model.FeedbackDelivery;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.vertx.core.AsyncResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.engine.Delivery;

/**
 * Feedback on one link. A client that settles a batch is done with it or gives it back; one that waits for the hub to settle
 * hears whether that counts. What is unsettled when the link ends is for somebody else.
 *
 * <p>Source: the service SDKs; IoT Hub, "send cloud-to-device messages", message feedback.
 */
final class FeedbackOutlet implements Outlet {

    /** Batches that a client may have and not settle, whatever its credit: others want some too. */
    private static final int MAX_UNSETTLED = 16;

    /** Long enough for command-service to be asked once. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** What a message has besides its body. */
    private static final int ENVELOPE = 1 << 10;

    private final OutgoingLink link;
    private final FeedbackPoll poll;
    private final Map<Delivery, String> unsettled = new HashMap<>();

    FeedbackOutlet(OutgoingLink link, FeedbackPoll poll) {
        this.link = link;
        this.poll = poll;
    }

    @Override
    public void begun() {
        ask();
    }

    @Override
    public void credited() {
        ask();
    }

    @Override
    public Duration grace() {
        return GRACE;
    }

    private boolean takesMore() {
        return !link.isEnded() && link.credit() > 0 && unsettled.size() < MAX_UNSETTLED;
    }

    private void ask() {
        if (takesMore()) {
            poll.await(this);
        } else {
            poll.leave(this);
        }
    }

    /** There is a batch. May be called on any thread. */
    void offer(FeedbackDelivery batch) {
        link.executor().execute(() -> {
            if (takesMore()) {
                deliver(batch);
            } else {
                poll.give(batch);
            }
        });
    }

    private void deliver(FeedbackDelivery batch) {
        boolean settled = link.isSettledByHub();
        var delivery = link.send(tag(batch.lockToken()), encode(batch), settled);
        if (settled) {
            poll.settle(batch.lockToken(), true);
        } else {
            unsettled.put(delivery, batch.lockToken());
        }
        ask();
        link.connection().flush();
    }

    /** The C# SDK takes no tag but one of a GUID's length. */
    private static byte[] tag(String lockToken) {
        var id = UUID.fromString(lockToken);
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private byte[] encode(FeedbackDelivery batch) {
        var body = batch.body().getBytes(StandardCharsets.US_ASCII);
        var message = Proton.message();
        message.setMessageAnnotations(
                new MessageAnnotations(Map.of(Symbol.valueOf("iothub-enqueuedtime"), Date.from(batch.enqueuedAt()))));
        message.setContentType("application/vnd.microsoft.iothub.feedback.json");
        message.setUserId(link.connection().hub().hosts().getFirst().getBytes(StandardCharsets.UTF_8));
        message.setBody(new Data(new Binary(body)));
        var buffer = new byte[body.length + ENVELOPE];
        return Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length));
    }

    @Override
    public void disposed(Delivery delivery) {
        var completed = isCompleted(delivery);
        if (completed.isEmpty()) {
            return;
        }
        boolean told = delivery.remotelySettled();
        if (told) {
            delivery.settle();
        }
        var lockToken = unsettled.remove(delivery);
        if (lockToken != null) {
            poll.settle(lockToken, completed.get()).onComplete(result -> {
                if (!told) {
                    link.executor().execute(() -> answer(delivery, result));
                }
            });
            ask();
        }
    }

    /** Whether the client is done with it; empty while it has not said. Who rejects a batch does not want it again. */
    private static Optional<Boolean> isCompleted(Delivery delivery) {
        return switch (delivery.getRemoteState()) {
            case Accepted _, Rejected _ -> Optional.of(true);
            case Released _, Modified _ -> Optional.of(false);
            case null, default -> delivery.remotelySettled() ? Optional.of(false) : Optional.empty();
        };
    }

    private void answer(Delivery delivery, AsyncResult<Void> settled) {
        if (!link.isEnded() && !delivery.isSettled()) {
            delivery.disposition(settled.succeeded() ? Accepted.getInstance() : failed(settled.cause()));
            delivery.settle();
            link.connection().flush();
        }
    }

    private static DeliveryState failed(Throwable failure) {
        return switch (failure) {
            case HubException refused
            when refused.error() == HubError.LOCK_LOST ->
                AmqpErrors.rejected(AmqpErrors.NOT_FOUND, refused.getMessage());
            case TimeoutException _ ->
                AmqpErrors.rejected(HubError.TIMED_OUT.amqpCondition(), "the feedback was not settled in time");
            default -> AmqpErrors.rejected(HubError.SERVER_ERROR.amqpCondition(), "the feedback could not be settled");
        };
    }

    @Override
    public void ended() {
        poll.leave(this);
        unsettled.values().forEach(lockToken -> poll.settle(lockToken, false));
        unsettled.clear();
    }
}
