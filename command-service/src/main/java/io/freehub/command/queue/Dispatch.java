package io.freehub.command.queue;

import io.freehub.command.CommandConfig;
import io.freehub.command.feedback.FeedbackRecord;
import io.freehub.command.feedback.FeedbackTable;
import io.freehub.command.queue.MessageTable.Delivery;
import io.freehub.command.queue.MessageTable.Ended;
import io.freehub.command.receiver.Receiver;
import io.freehub.command.receiver.ReceiverTable;
import io.freehub.model.DeviceId;
import io.freehub.model.Downlink;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings queues in order after whatever happened to them, in its transaction: ends locks that are over, dead-letters what is
 * not to be delivered any more, and gives receivers what waits.
 */
@ApplicationScoped
class Dispatch {

    /** Messages in memory at a time: some megabytes at their greatest size. */
    private static final int MANY = 100;

    private final Outbox outbox;
    private final MessageMetrics metrics;
    private final CommandConfig.Messages config;
    private final Clock clock;

    Dispatch(Outbox outbox, MessageMetrics metrics, CommandConfig config, Clock clock) {
        this.outbox = outbox;
        this.metrics = metrics;
        this.config = config.messages();
        this.clock = clock;
    }

    /** @param queues that are locked, with their generations */
    void run(Connection connection, Map<DeviceId, Long> queues) throws SQLException {
        if (queues.isEmpty()) {
            return;
        }
        var now = clock.instant();
        var receivers = receivers(connection, queues);
        metrics.abandoned(MessageTable.unlock(connection, queues.keySet(), receivers.values(), now));
        end(connection, MessageTable.bury(connection, queues.keySet(), config.maxDeliveryCount(), now), now);
        List<Delivery> deliveries;
        do {
            deliveries = MessageTable.deliver(connection, receivers.values(), MANY);
            outbox.add(
                    connection,
                    deliveries.stream()
                            .map(delivery -> OutboxRecord.of(new Downlink.MessageDelivered(
                                    receivers.get(delivery.device()).address(), delivery.message())))
                            .toList());
            metrics.delivered(deliveries.size());
        } while (deliveries.size() == MANY);
    }

    /** Tells senders of messages that have ended, as far as they want to know. */
    void end(Connection connection, List<Ended> ended, Instant now) throws SQLException {
        FeedbackTable.add(
                connection,
                ended.stream()
                        .filter(Dispatch::isToldOf)
                        .map(message -> new FeedbackRecord(
                                message.messageId().orElseThrow(),
                                message.outcome().orElseThrow(),
                                message.device(),
                                message.generation(),
                                now))
                        .toList());
        for (var message : ended) {
            message.outcome().ifPresent(metrics::ended);
            Log.debugf(
                    "message ended device=%s sequence=%d outcome=%s",
                    message.device(), message.sequence(), message.outcome());
        }
    }

    private static boolean isToldOf(Ended message) {
        return message.outcome().filter(message.ack()::asksFor).isPresent();
    }

    /** Those of the present lives of the devices. */
    private static Map<DeviceId, Receiver> receivers(Connection connection, Map<DeviceId, Long> queues)
            throws SQLException {
        var receivers = new HashMap<DeviceId, Receiver>();
        ReceiverTable.newest(connection, Link.MESSAGES, identities(queues.keySet()))
                .forEach((identity, receiver) -> {
                    if (queues.get(identity.device()) == receiver.generation()) {
                        receivers.put(identity.device(), receiver);
                    }
                });
        return receivers;
    }

    private static List<IdentityId> identities(Collection<DeviceId> devices) {
        return devices.stream().map(IdentityId::of).toList();
    }
}
