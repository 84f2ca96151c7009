package io.freehub.command.queue;

import static io.freehub.command.queue.QueueTable.json;
import static io.freehub.command.queue.QueueTable.setDevices;
import static io.freehub.command.queue.QueueTable.time;

import io.freehub.command.feedback.Ack;
import io.freehub.command.feedback.Outcome;
import io.freehub.command.receiver.Receiver;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.Disposition;
import io.freehub.model.MessageProperties;
import io.freehub.model.SystemProperty;
import io.freehub.service.json.HubJson;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Messages in the database. All of this is for queues that are locked. */
final class MessageTable {

    /** Unless as many wait already. Those that have expired wait no more, though nobody has dead-lettered them yet. */
    private static final String ADD = """
            insert into message (device, sequence, generation, enqueued_at, expires_at, ack, properties, body)
            select ?, ?, ?, ?, ?, ?, ?, ?
            where (select count(*)
                   from message
                   where device = ? and generation = ? and (lock_token is not null or expires_at > ?)) < ?
            """;

    private static final String SETTLED = """
            delete from message m
            using json_to_recordset(?::json) as r(device text, session text, token uuid, disposition text)
            where m.device = r.device and m.locked_by = r.session and m.lock_token = r.token
                and r.disposition <> 'ABANDONED'
            returning m.device, m.sequence, m.generation, m.ack, m.properties,
                case r.disposition when 'REJECTED' then 'REJECTED' else 'SUCCESS' end as outcome
            """;

    private static final String UNLOCK =
            "set lock_token = null, locked_by = null, locked_until = null, delivery_count = delivery_count + 1 ";

    private static final String ABANDONED = "update message m " + UNLOCK + """
            from json_to_recordset(?::json) as r(device text, session text, token uuid, disposition text)
            where m.device = r.device and m.locked_by = r.session and m.lock_token = r.token
                and r.disposition = 'ABANDONED'
            """;

    private static final String DETACHED = "update message m " + UNLOCK + """
            from json_to_recordset(?::json) as r(device text, session text)
            where m.device = r.device and m.locked_by = r.session
            """;

    /** Locks of sessions that receive no more, and those whose time is over. */
    private static final String OVER = "update message m " + UNLOCK + """
            where m.device = any (?)
                and (m.locked_until <= ?
                     or m.locked_by is not null
                         and not exists (select
                                         from json_to_recordset(?::json) as r(device text, session text)
                                         where r.device = m.device and r.session = m.locked_by))
            """;

    /** Messages of an earlier life of the device go too: nobody is told of them. */
    private static final String DEAD = """
            delete from message m
            using queue q
            where q.device = m.device and m.device = any (?)
                and (m.generation < q.generation
                     or m.lock_token is null and (m.delivery_count > ? or m.expires_at <= ?))
            returning m.device, m.sequence, m.generation, m.ack, m.properties,
                case when m.generation < q.generation then null
                     when m.delivery_count > ? then 'DELIVERY_COUNT_EXCEEDED'
                     else 'EXPIRED' end as outcome
            """;

    private static final String PURGED = """
            delete from message
            where device = ? and lock_token is null
            returning device, sequence, generation, ack, properties, 'PURGED' as outcome
            """;

    private static final String DELIVERED = """
            returning m.device, m.sequence, m.lock_token, m.delivery_count, m.enqueued_at, m.expires_at, m.properties,
                m.body
            """;

    private static final String DELIVER = """
            with next as (
                select waiting.device, waiting.sequence, r.session
                from json_to_recordset(?::json) as r(device text, session text, capacity integer)
                cross join lateral (
                    select device, sequence
                    from message
                    where device = r.device and lock_token is null
                    order by sequence
                    limit greatest(0, r.capacity - (select count(*)
                                                    from message l
                                                    where l.device = r.device and l.locked_by = r.session))) waiting
                order by waiting.device, waiting.sequence
                limit ?)
            update message m
            set lock_token = gen_random_uuid(), locked_by = next.session
            from next
            where m.device = next.device and m.sequence = next.sequence
            """ + DELIVERED;

    private static final String TAKE = """
            update message m
            set lock_token = gen_random_uuid(), locked_until = ?
            where m.device = ?
                and m.sequence = (select min(sequence) from message where device = ? and lock_token is null)
            """ + DELIVERED;

    private static final String END_TAKEN = """
            delete from message
            where device = ? and lock_token = ? and locked_until > ?
            returning device, sequence, generation, ack, properties, ? as outcome
            """;

    private static final String ABANDON_TAKEN =
            "update message " + UNLOCK + "where device = ? and lock_token = ? and locked_until > ?";

    /** What a session did with a message. */
    record Settlement(DeviceId device, String session, UUID lockToken, Disposition disposition) {

        private Map<String, ?> columns() {
            return Map.of(
                    "device",
                    device.value(),
                    "session",
                    session,
                    "token",
                    lockToken.toString(),
                    "disposition",
                    disposition.name());
        }
    }

    /** A session of a device. */
    record Session(DeviceId device, String id) {

        private Map<String, ?> columns() {
            return Map.of("device", device.value(), "session", id);
        }
    }

    /** A message that has ended. With no outcome its device is gone. */
    record Ended(
            DeviceId device,
            long sequence,
            long generation,
            Optional<Outcome> outcome,
            Ack ack,
            Optional<String> messageId) {}

    /** A message of a device that is locked now. */
    record Delivery(DeviceId device, DeviceBoundMessage message) {}

    private MessageTable() {}

    /** False when the queue has its greatest depth. */
    static boolean add(
            Connection connection,
            DeviceId device,
            QueueTable.Place place,
            OutgoingMessage message,
            Instant now,
            Instant expiresAt,
            int depth)
            throws SQLException {
        try (var insert = connection.prepareStatement(ADD)) {
            insert.setString(1, device.value());
            insert.setLong(2, place.sequence());
            insert.setLong(3, place.generation());
            insert.setObject(4, time(now));
            insert.setObject(5, time(expiresAt));
            insert.setString(6, message.ack().name());
            insert.setString(7, new String(HubJson.write(message.properties()), StandardCharsets.UTF_8));
            insert.setBytes(8, message.body());
            insert.setString(9, device.value());
            insert.setLong(10, place.generation());
            insert.setObject(11, time(now));
            insert.setInt(12, depth);
            return insert.executeUpdate() > 0;
        }
    }

    /** Whether there is no message for the device. The queue need not be locked. */
    static boolean isEmpty(Connection connection, DeviceId device) throws SQLException {
        try (var select = connection.prepareStatement("select from message where device = ? limit 1")) {
            select.setString(1, device.value());
            try (var rows = select.executeQuery()) {
                return !rows.next();
            }
        }
    }

    /** Messages that sessions have completed or rejected, as far as they had them. */
    static List<Ended> settle(Connection connection, List<Settlement> settlements) throws SQLException {
        if (settlements.isEmpty()) {
            return List.of();
        }
        try (var delete = connection.prepareStatement(SETTLED)) {
            delete.setString(
                    1, json(settlements.stream().map(Settlement::columns).toList()));
            return ended(delete);
        }
    }

    /** Unlocks messages that sessions have abandoned, as far as they had them. How many. */
    static int abandon(Connection connection, List<Settlement> settlements) throws SQLException {
        if (settlements.stream().noneMatch(settled -> settled.disposition() == Disposition.ABANDONED)) {
            return 0;
        }
        try (var update = connection.prepareStatement(ABANDONED)) {
            update.setString(
                    1, json(settlements.stream().map(Settlement::columns).toList()));
            return update.executeUpdate();
        }
    }

    /** Unlocks what these sessions have. How many. */
    static int detach(Connection connection, Collection<Session> sessions) throws SQLException {
        if (sessions.isEmpty()) {
            return 0;
        }
        try (var update = connection.prepareStatement(DETACHED)) {
            update.setString(1, json(sessions.stream().map(Session::columns).toList()));
            return update.executeUpdate();
        }
    }

    /** Unlocks what is locked by others than these receivers, or for long enough. How many. */
    static int unlock(Connection connection, Collection<DeviceId> devices, Collection<Receiver> receivers, Instant now)
            throws SQLException {
        try (var update = connection.prepareStatement(OVER)) {
            setDevices(update, 1, devices);
            update.setObject(2, time(now));
            update.setString(
                    3, json(receivers.stream().map(MessageTable::columns).toList()));
            return update.executeUpdate();
        }
    }

    /** Takes out what is not to be delivered any more. */
    static List<Ended> bury(Connection connection, Collection<DeviceId> devices, int maxDeliveryCount, Instant now)
            throws SQLException {
        try (var delete = connection.prepareStatement(DEAD)) {
            setDevices(delete, 1, devices);
            delete.setInt(2, maxDeliveryCount);
            delete.setObject(3, time(now));
            delete.setInt(4, maxDeliveryCount);
            return ended(delete);
        }
    }

    /** Takes out what waits. */
    static List<Ended> purge(Connection connection, DeviceId device) throws SQLException {
        try (var delete = connection.prepareStatement(PURGED)) {
            delete.setString(1, device.value());
            return ended(delete);
        }
    }

    /**
     * Locks what waits for receivers, up to their windows.
     *
     * @param most how many
     * @return in order, as far as they are of one device
     */
    static List<Delivery> deliver(Connection connection, Collection<Receiver> receivers, int most) throws SQLException {
        if (receivers.isEmpty()) {
            return List.of();
        }
        try (var update = connection.prepareStatement(DELIVER)) {
            update.setString(
                    1, json(receivers.stream().map(MessageTable::columns).toList()));
            update.setInt(2, most);
            return deliveries(update);
        }
    }

    /** Locks the next message of the device for a time. */
    static Optional<DeviceBoundMessage> take(Connection connection, DeviceId device, Instant lockedUntil)
            throws SQLException {
        try (var update = connection.prepareStatement(TAKE)) {
            update.setObject(1, time(lockedUntil));
            update.setString(2, device.value());
            update.setString(3, device.value());
            return deliveries(update).stream().findFirst().map(Delivery::message);
        }
    }

    /** Takes out a message that is locked for a time. */
    static List<Ended> endTaken(Connection connection, DeviceId device, UUID lockToken, Outcome outcome, Instant now)
            throws SQLException {
        try (var delete = connection.prepareStatement(END_TAKEN)) {
            delete.setString(1, device.value());
            delete.setObject(2, lockToken);
            delete.setObject(3, time(now));
            delete.setString(4, outcome.name());
            return ended(delete);
        }
    }

    /** Unlocks a message that is locked for a time. How many. */
    static int abandonTaken(Connection connection, DeviceId device, UUID lockToken, Instant now) throws SQLException {
        try (var update = connection.prepareStatement(ABANDON_TAKEN)) {
            update.setString(1, device.value());
            update.setObject(2, lockToken);
            update.setObject(3, time(now));
            return update.executeUpdate();
        }
    }

    /** Deletes all messages of devices, as if there had been none. */
    static void delete(Connection connection, Collection<DeviceId> devices) throws SQLException {
        try (var delete = connection.prepareStatement("delete from message where device = any (?)")) {
            setDevices(delete, 1, devices);
            delete.executeUpdate();
        }
    }

    private static Map<String, ?> columns(Receiver receiver) {
        return Map.of(
                "device",
                receiver.address().identity().device().value(),
                "session",
                receiver.address().session(),
                "capacity",
                receiver.window());
    }

    private static List<Ended> ended(PreparedStatement delete) throws SQLException {
        var ended = new ArrayList<Ended>();
        try (var rows = delete.executeQuery()) {
            while (rows.next()) {
                ended.add(new Ended(
                        new DeviceId(rows.getString("device")),
                        rows.getLong("sequence"),
                        rows.getLong("generation"),
                        Optional.ofNullable(rows.getString("outcome")).map(Outcome::valueOf),
                        Ack.valueOf(rows.getString("ack")),
                        properties(rows).system(SystemProperty.MESSAGE_ID)));
            }
        }
        return ended;
    }

    private static List<Delivery> deliveries(PreparedStatement update) throws SQLException {
        var deliveries = new ArrayList<Delivery>();
        try (var rows = update.executeQuery()) {
            while (rows.next()) {
                deliveries.add(new Delivery(
                        new DeviceId(rows.getString("device")),
                        new DeviceBoundMessage(
                                rows.getString("lock_token"),
                                rows.getLong("sequence"),
                                rows.getInt("delivery_count"),
                                rows.getTimestamp("enqueued_at").toInstant(),
                                rows.getTimestamp("expires_at").toInstant(),
                                properties(rows),
                                rows.getBytes("body"))));
            }
        }
        // An update returns rows in any order.
        deliveries.sort(Comparator.comparingLong(delivery -> delivery.message().sequenceNumber()));
        return deliveries;
    }

    private static MessageProperties properties(ResultSet row) throws SQLException {
        return HubJson.read(row.getString("properties").getBytes(StandardCharsets.UTF_8), MessageProperties.class);
    }
}
