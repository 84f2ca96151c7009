package io.freehub.twin.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.IdentityId;
import io.freehub.store.BatchReader.PositionMovedException;
import io.freehub.store.BatchReader.Span;
import io.freehub.twin.device.DeviceTwin.Watcher;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Metadata;
import io.freehub.twin.document.Section;
import io.freehub.twin.document.Twin;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Twins in the database, many at a time, and how far their devices' requests have been answered. */
final class DeviceTwinTable {

    private static final String LOCK = """
            select id, generation, version, writes, tags, desired, desired_metadata, desired_version,
                   reported, reported_metadata, reported_version, watcher_gateway, watcher_session
            from twin where id = any(?) order by id for update
            """;

    private static final String SAVE = """
            update twin t set
                version = r.version,
                reported = r.reported,
                reported_metadata = r."reportedMetadata",
                reported_version = r."reportedVersion",
                watcher_gateway = r."watcherGateway",
                watcher_session = r."watcherSession"
            from json_to_recordset(cast(cast(? as text) as json)) as r(
                id text, version bigint, reported text, "reportedMetadata" text, "reportedVersion" bigint,
                "watcherGateway" integer, "watcherSession" text)
            where t.id = r.id collate "C"
            """;

    private static final String MOVE_ON =
            "update twin_request_position set next_offset = ? where partition = ? and next_offset = ?";

    private static final String READ_ON = """
            insert into twin_request_position as p (partition, next_offset) values (?, ?)
            on conflict (partition) do update set
                next_offset = case when p.next_offset between ? and ? then p.next_offset else excluded.next_offset end
            returning next_offset
            """;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private DeviceTwinTable() {}

    /** Those that there are, locked until the transaction ends. */
    static Map<IdentityId, DeviceTwin> lock(Connection connection, Collection<IdentityId> identities)
            throws SQLException {
        try (var query = connection.prepareStatement(LOCK)) {
            query.setArray(
                    1,
                    connection.createArrayOf(
                            "text",
                            identities.stream().map(IdentityId::toString).toArray()));
            try (var rows = query.executeQuery()) {
                var twins = new HashMap<IdentityId, DeviceTwin>();
                while (rows.next()) {
                    twins.put(IdentityId.parse(rows.getString("id")), read(rows));
                }
                return twins;
            }
        }
    }

    private static DeviceTwin read(ResultSet row) throws SQLException {
        var twin = new Twin(
                JsonText.readObject(row.getString("tags")),
                section(row, "desired"),
                section(row, "reported"),
                row.getLong("version"),
                row.getLong("writes"));
        int gateway = row.getInt("watcher_gateway");
        var watcher =
                Optional.ofNullable(row.getString("watcher_session")).map(session -> new Watcher(gateway, session));
        return new DeviceTwin(row.getLong("generation"), twin, watcher);
    }

    private static Section section(ResultSet row, String name) throws SQLException {
        return new Section(
                JsonText.readObject(row.getString(name)),
                Metadata.parse(JsonText.readObject(row.getString(name + "_metadata"))),
                row.getLong(name + "_version"));
    }

    /** What a request can change of a twin, as a row for the statement. */
    private record Row(
            String id,
            long version,
            String reported,
            String reportedMetadata,
            long reportedVersion,
            @Nullable Integer watcherGateway,
            @Nullable String watcherSession) {

        static Row of(IdentityId identity, DeviceTwin changed) {
            var reported = changed.twin().reported();
            return new Row(
                    identity.toString(),
                    changed.twin().version(),
                    JsonText.write(reported.values()),
                    JsonText.write(reported.metadata().json()),
                    reported.version(),
                    changed.watcher().map(Watcher::gateway).orElse(null),
                    changed.watcher().map(Watcher::session).orElse(null));
        }
    }

    /** Writes twins that are locked. */
    static void save(Connection connection, Map<IdentityId, DeviceTwin> changed) throws SQLException {
        if (!changed.isEmpty()) {
            try (var update = connection.prepareStatement(SAVE)) {
                update.setString(
                        1,
                        json(changed.entrySet().stream()
                                .map(twin -> Row.of(twin.getKey(), twin.getValue()))
                                .toList()));
                update.executeUpdate();
            }
        }
    }

    /** @throws PositionMovedException when the position is not at the beginning of the span */
    static void moveOn(Connection connection, int partition, Span span) throws SQLException {
        try (var update = connection.prepareStatement(MOVE_ON)) {
            update.setLong(1, span.to());
            update.setInt(2, partition);
            update.setLong(3, span.from());
            if (update.executeUpdate() == 0) {
                throw new PositionMovedException(partition, span);
            }
        }
    }

    /** The position in a partition; its beginning when there is none yet, or none that is in the log. */
    static long readOn(Connection connection, int partition, long beginning, long end) throws SQLException {
        try (var upsert = connection.prepareStatement(READ_ON)) {
            upsert.setInt(1, partition);
            upsert.setLong(2, beginning);
            upsert.setLong(3, beginning);
            upsert.setLong(4, end);
            try (var rows = upsert.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static String json(Object rows) {
        try {
            return MAPPER.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
