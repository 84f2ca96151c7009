package io.freehub.command.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.DeviceId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Queues in the database: whoever has the lock of one works on its messages alone. */
final class QueueTable {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Makes the queue where there is none, and locks it. */
    private static final String NEXT = """
            insert into queue (device, generation, last_sequence) values (?, ?, 1)
            on conflict (device) do update
            set last_sequence = queue.last_sequence + 1, generation = greatest(queue.generation, excluded.generation)
            returning generation, last_sequence
            """;

    /** Locks nothing that is there: locks are taken in the order of ids, of all devices together. */
    private static final String MAKE = """
            insert into queue (device, generation)
            select device, generation from json_to_recordset(?::json) as r(device text, generation bigint)
            order by device
            on conflict do nothing
            """;

    private static final String LOCK =
            "select device, generation from queue where device = any (?) order by device for update";

    private static final String BEGIN = """
            update queue q
            set generation = r.generation
            from json_to_recordset(?::json) as r(device text, generation bigint)
            where q.device = r.device and q.generation < r.generation
            """;

    private static final String DUE = """
            select device, generation
            from queue
            where device in (
                (select device from message where lock_token is null and expires_at <= ? order by expires_at limit ?)
                union all
                (select device from message where locked_until <= ? order by locked_until limit ?))
            order by device
            for update skip locked
            """;

    private static final String DELETE = """
            delete from queue q
            using json_to_recordset(?::json) as r(device text, generation bigint)
            where q.device = r.device and q.generation <= r.generation
            """;

    /**
     * The place of a new message.
     *
     * @param generation of the queue it goes to
     */
    record Place(long generation, long sequence) {}

    private QueueTable() {}

    /** Locks the queue of a device, which is made when there is none, for one message more. */
    static Place next(Connection connection, DeviceId device, long generation) throws SQLException {
        try (var insert = connection.prepareStatement(NEXT)) {
            insert.setString(1, device.value());
            insert.setLong(2, generation);
            try (var rows = insert.executeQuery()) {
                rows.next();
                return new Place(rows.getLong("generation"), rows.getLong("last_sequence"));
            }
        }
    }

    /** Makes queues where there are none: who receives and who sends meet there. */
    static void make(Connection connection, Map<DeviceId, Long> generations) throws SQLException {
        execute(connection, MAKE, generations);
    }

    /** Locks the queues of devices, as far as there are any; the generation of each. */
    static Map<DeviceId, Long> lock(Connection connection, Collection<DeviceId> devices) throws SQLException {
        try (var select = connection.prepareStatement(LOCK)) {
            setDevices(select, 1, devices);
            return generations(select);
        }
    }

    /** Begins later lives of queues that are locked. */
    static void begin(Connection connection, Map<DeviceId, Long> generations) throws SQLException {
        execute(connection, BEGIN, generations);
    }

    /** Locks queues that have a message that expires or whose lock ends, but for those that somebody works on. */
    static Map<DeviceId, Long> lockDue(Connection connection, Instant now, int most) throws SQLException {
        try (var select = connection.prepareStatement(DUE)) {
            select.setObject(1, time(now));
            select.setInt(2, most);
            select.setObject(3, time(now));
            select.setInt(4, most);
            return generations(select);
        }
    }

    /** Deletes queues of these lives and earlier ones, which are locked. */
    static void delete(Connection connection, Map<DeviceId, Long> generations) throws SQLException {
        execute(connection, DELETE, generations);
    }

    static void setDevices(PreparedStatement statement, int index, Collection<DeviceId> devices) throws SQLException {
        var ids = devices.stream().map(DeviceId::value).toArray();
        statement.setArray(index, statement.getConnection().createArrayOf("text", ids));
    }

    static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    /** Rows for {@code json_to_recordset}. */
    static String json(List<? extends Map<String, ?>> rows) {
        try {
            return MAPPER.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }

    private static void execute(Connection connection, String statement, Map<DeviceId, Long> generations)
            throws SQLException {
        if (generations.isEmpty()) {
            return;
        }
        try (var update = connection.prepareStatement(statement)) {
            update.setString(
                    1,
                    json(generations.entrySet().stream()
                            .map(entry -> Map.of("device", entry.getKey().value(), "generation", entry.getValue()))
                            .toList()));
            update.executeUpdate();
        }
    }

    private static Map<DeviceId, Long> generations(PreparedStatement select) throws SQLException {
        var generations = new TreeMap<DeviceId, Long>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                generations.put(new DeviceId(rows.getString("device")), rows.getLong("generation"));
            }
        }
        return generations;
    }
}
