package io.freehub.command.queue;

import io.freehub.command.CommandConfig;
import io.freehub.command.Transactions;
import io.freehub.command.feedback.Outcome;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.Disposition;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Messages for devices that ask for them, one by one, each locked for a time. */
@ApplicationScoped
class Deliveries {

    private final Transactions transactions;
    private final Dispatch dispatch;
    private final MessageMetrics metrics;
    private final CommandConfig.Messages config;
    private final Clock clock;

    Deliveries(
            Transactions transactions, Dispatch dispatch, MessageMetrics metrics, CommandConfig config, Clock clock) {
        this.transactions = transactions;
        this.dispatch = dispatch;
        this.metrics = metrics;
        this.config = config.messages();
        this.clock = clock;
    }

    /** The next message that waits, locked. */
    Uni<Optional<DeviceBoundMessage>> take(DeviceId device) {
        return transactions.ask(connection -> {
            // Devices ask again and again, and seldom there is something.
            if (MessageTable.isEmpty(connection, device)) {
                return Optional.empty();
            }
            var queue = QueueTable.lock(connection, List.of(device));
            // A session that receives goes first.
            dispatch.run(connection, queue);
            var taken = MessageTable.take(connection, device, clock.instant().plus(config.lock()));
            metrics.delivered(taken.isPresent() ? 1 : 0);
            return taken;
        });
    }

    /** Settles a message that was taken. Fails with {@link HubError#LOCK_LOST} when the lock is gone. */
    Uni<Void> settle(DeviceId device, String lockToken, Disposition disposition) {
        var token = token(lockToken);
        return transactions
                .ask(connection -> {
                    var queue = QueueTable.lock(connection, List.of(device));
                    if (!settle(connection, device, token, disposition)) {
                        throw lost();
                    }
                    dispatch.run(connection, queue);
                    return device;
                })
                .replaceWithVoid();
    }

    private boolean settle(Connection connection, DeviceId device, UUID token, Disposition disposition)
            throws SQLException {
        var now = clock.instant();
        return switch (disposition) {
            case COMPLETED -> end(connection, device, token, Outcome.SUCCESS, now);
            case REJECTED -> end(connection, device, token, Outcome.REJECTED, now);
            case ABANDONED -> {
                int abandoned = MessageTable.abandonTaken(connection, device, token, now);
                metrics.abandoned(abandoned);
                yield abandoned > 0;
            }
        };
    }

    private boolean end(Connection connection, DeviceId device, UUID token, Outcome outcome, Instant now)
            throws SQLException {
        var ended = MessageTable.endTaken(connection, device, token, outcome, now);
        dispatch.end(connection, ended, now);
        return !ended.isEmpty();
    }

    private static UUID token(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw lost();
        }
    }

    private static HubException lost() {
        return new HubException(HubError.LOCK_LOST, "the lock of the message has ended, or never was");
    }
}
