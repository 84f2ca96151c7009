package io.freehub.command.queue;

import io.freehub.command.queue.MessageTable.Session;
import io.freehub.command.queue.MessageTable.Settlement;
import io.freehub.command.receiver.ReceiverObserver;
import io.freehub.model.DeviceId;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.ReceiverEvent.Link;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/** What sessions that come, go and settle mean for queues. */
@ApplicationScoped
class QueueObserver implements ReceiverObserver {

    private final Dispatch dispatch;
    private final MessageMetrics metrics;
    private final Clock clock;

    QueueObserver(Dispatch dispatch, MessageMetrics metrics, Clock clock) {
        this.dispatch = dispatch;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public void changed(Connection connection, List<ReceiverEvent> events) throws SQLException {
        var devices = new TreeSet<DeviceId>();
        var attached = new HashMap<DeviceId, Long>();
        var detached = new HashSet<Session>();
        var settled = new ArrayList<Settlement>();
        for (var event : events) {
            if (!isOfMessages(event)) {
                continue;
            }
            var device = event.from().identity().device();
            devices.add(device);
            switch (event) {
                case ReceiverEvent.Attached attach ->
                    attached.merge(device, Long.parseLong(attach.generationId()), Math::max);
                case ReceiverEvent.Detached detach ->
                    detached.add(new Session(device, detach.from().session()));
                case ReceiverEvent.Settled settle ->
                    lockToken(settle)
                            .ifPresent(token -> settled.add(
                                    new Settlement(device, settle.from().session(), token, settle.disposition())));
            }
        }
        if (devices.isEmpty()) {
            return;
        }
        QueueTable.make(connection, attached);
        var queues = QueueTable.lock(connection, devices);
        QueueTable.begin(connection, attached);
        attached.forEach((device, generation) -> queues.merge(device, generation, Math::max));
        // Whatever was settled was delivered before these events, so the order among them does not matter.
        dispatch.end(connection, MessageTable.settle(connection, settled), clock.instant());
        metrics.abandoned(MessageTable.abandon(connection, settled));
        metrics.abandoned(MessageTable.detach(connection, detached));
        dispatch.run(connection, queues);
    }

    /** Modules have no queue. */
    private static boolean isOfMessages(ReceiverEvent event) {
        boolean messages =
                switch (event) {
                    case ReceiverEvent.Attached attached -> attached.link() == Link.MESSAGES;
                    case ReceiverEvent.Detached detached -> detached.link() == Link.MESSAGES;
                    case ReceiverEvent.Settled _ -> true;
                };
        return messages && !event.from().identity().isModule();
    }

    /** What is no token of ours locks nothing. */
    private static Optional<UUID> lockToken(ReceiverEvent.Settled settled) {
        try {
            return Optional.of(UUID.fromString(settled.lockToken()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
