package io.freehub.command.queue;

import io.freehub.command.CommandConfig;
import io.freehub.command.Transactions;
import io.freehub.command.registry.Registry;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What back ends do with the queues of devices. */
@ApplicationScoped
public class Queues {

    /** Source: IoT Hub, "quotas and throttling". */
    private static final Duration MAX_TIME_TO_LIVE = Duration.ofDays(2);

    private final Registry registry;
    private final Transactions transactions;
    private final Dispatch dispatch;
    private final MessageMetrics metrics;
    private final CommandConfig.Messages config;
    private final Clock clock;

    Queues(
            Registry registry,
            Transactions transactions,
            Dispatch dispatch,
            MessageMetrics metrics,
            CommandConfig config,
            Clock clock) {
        this.registry = registry;
        this.transactions = transactions;
        this.dispatch = dispatch;
        this.metrics = metrics;
        this.config = config.messages();
        this.clock = clock;
    }

    /**
     * Puts a message into the queue of a device, and delivers it when the device receives. Fails with {@link
     * HubError#DEVICE_NOT_FOUND}, {@link HubError#QUEUE_FULL} or {@link HubError#INVALID_EXPIRY}.
     */
    public Uni<Void> send(DeviceId device, OutgoingMessage message) {
        // Each time: a queue may be there for a moment longer than its device, and what is put into it would be lost.
        return registry.generation(IdentityId.of(device))
                .chain(generation -> transactions.ask(connection -> {
                    store(connection, device, generation, message);
                    return device;
                }))
                .invoke(metrics::sent)
                .replaceWithVoid();
    }

    /** Dead-letters what waits for a device; how many messages. Fails with {@link HubError#DEVICE_NOT_FOUND}. */
    public Uni<Integer> purge(DeviceId device) {
        return registry.generation(IdentityId.of(device))
                .chain(_ -> transactions.ask(connection -> {
                    var queue = QueueTable.lock(connection, List.of(device));
                    dispatch.run(connection, queue);
                    var purged = MessageTable.purge(connection, device);
                    dispatch.end(connection, purged, clock.instant());
                    return purged.size();
                }));
    }

    private Instant expiry(OutgoingMessage message, Instant now) {
        var expiresAt = message.expiresAt().orElseGet(() -> now.plus(config.timeToLive()));
        if (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(MAX_TIME_TO_LIVE))) {
            throw new HubException(
                    HubError.INVALID_EXPIRY,
                    "iothub-expiry must lie in the next " + MAX_TIME_TO_LIVE.toDays() + " days, from " + now + " on");
        }
        return expiresAt;
    }

    private void store(Connection connection, DeviceId device, long generation, OutgoingMessage message)
            throws SQLException {
        var now = clock.instant();
        var expiresAt = expiry(message, now);
        var place = QueueTable.next(connection, device, generation);
        if (!MessageTable.add(connection, device, place, message, now, expiresAt, config.depth())) {
            throw new HubException(
                    HubError.QUEUE_FULL,
                    "the queue of device '" + device + "' has its greatest depth of " + config.depth() + " messages");
        }
        dispatch.run(connection, Map.of(device, place.generation()));
    }
}
