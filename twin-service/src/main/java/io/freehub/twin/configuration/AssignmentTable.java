package io.freehub.twin.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Which twins have which configurations, in the database. Rows of a twin are written under the lock of the twin's own. */
final class AssignmentTable {

    private static final String FAMILIES = """
            select id from twin where id = any(?)
            union all
            select id from twin where device_id = any(?) and module_id <> ''
            """;

    private static final String FIND =
            "select id, configuration, created_at, rollout, status from twin_configuration where id = any(?)";

    private static final String DELETE = """
            delete from twin_configuration t using json_to_recordset(cast(cast(? as text) as json)) as r(
                id text, configuration text)
            where t.id = r.id collate "C" and t.configuration = r.configuration collate "C"
            """;

    private static final String PUT = """
            insert into twin_configuration (id, device, configuration, created_at, rollout, status)
            select id, device, configuration, "createdAt", rollout, status
            from json_to_recordset(cast(cast(? as text) as json)) as r(
                id text, device text, configuration text, "createdAt" timestamptz, rollout bigint, status text)
            on conflict (id, configuration) do update
                set created_at = excluded.created_at, rollout = excluded.rollout, status = excluded.status
            """;

    private static final String HOLDERS = """
            select distinct device from twin_configuration
            where configuration = ? and device > ? collate "C" order by device limit ?
            """;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private AssignmentTable() {}

    /** The twins of the devices and of their modules. */
    static List<IdentityId> families(Connection connection, Collection<DeviceId> devices) throws SQLException {
        try (var query = connection.prepareStatement(FAMILIES)) {
            var ids = connection.createArrayOf(
                    "text", devices.stream().map(DeviceId::value).toArray());
            query.setArray(1, ids);
            query.setArray(2, ids);
            return texts(query).stream().map(IdentityId::parse).toList();
        }
    }

    /** Devices after the given one that have the configuration, or have modules that do, in the order of ids. */
    static List<DeviceId> holders(Connection connection, String configuration, String after, int most)
            throws SQLException {
        try (var query = connection.prepareStatement(HOLDERS)) {
            query.setString(1, configuration);
            query.setString(2, after);
            query.setInt(3, most);
            return texts(query).stream().map(DeviceId::new).toList();
        }
    }

    private static List<String> texts(PreparedStatement query) throws SQLException {
        try (var rows = query.executeQuery()) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }

    /** What the twins have. */
    static Map<IdentityId, List<Assignment>> find(Connection connection, Collection<IdentityId> twins)
            throws SQLException {
        try (var query = connection.prepareStatement(FIND)) {
            query.setArray(1, ids(connection, twins));
            try (var rows = query.executeQuery()) {
                var found = new HashMap<IdentityId, List<Assignment>>();
                while (rows.next()) {
                    found.computeIfAbsent(IdentityId.parse(rows.getString(1)), _ -> new ArrayList<>())
                            .add(new Assignment(
                                    rows.getString(2),
                                    rows.getObject(3, OffsetDateTime.class).toInstant(),
                                    rows.getLong(4),
                                    Status.valueOfWire(rows.getString(5))));
                }
                return found;
            }
        }
    }

    private record Row(String id, String device, String configuration, String createdAt, long rollout, String status) {

        static Row of(IdentityId twin, Assignment assignment) {
            return new Row(
                    twin.toString(),
                    twin.device().value(),
                    assignment.configuration(),
                    assignment.createdAt().toString(),
                    assignment.rollout(),
                    assignment.status().wireName());
        }
    }

    /** From now on the twins have these and no others. What stays as it is is not written. */
    static void put(
            Connection connection, Map<IdentityId, List<Assignment>> before, Map<IdentityId, List<Assignment>> after)
            throws SQLException {
        var gone = new ArrayList<Row>();
        var changed = new ArrayList<Row>();
        after.forEach((twin, now) -> {
            var had = before.getOrDefault(twin, List.of());
            var ids = now.stream().map(Assignment::configuration).collect(Collectors.toSet());
            had.stream()
                    .filter(assignment -> !ids.contains(assignment.configuration()))
                    .forEach(assignment -> gone.add(Row.of(twin, assignment)));
            now.stream()
                    .filter(assignment -> !had.contains(assignment))
                    .forEach(assignment -> changed.add(Row.of(twin, assignment)));
        });
        execute(connection, DELETE, gone);
        execute(connection, PUT, changed);
    }

    private static void execute(Connection connection, String statement, List<Row> rows) throws SQLException {
        if (!rows.isEmpty()) {
            try (var update = connection.prepareStatement(statement)) {
                update.setString(1, json(rows));
                update.executeUpdate();
            }
        }
    }

    private static java.sql.Array ids(Connection connection, Collection<IdentityId> twins) throws SQLException {
        return connection.createArrayOf(
                "text", twins.stream().map(IdentityId::toString).toArray());
    }

    private static String json(Object rows) {
        try {
            return MAPPER.writeValueAsString(rows);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
