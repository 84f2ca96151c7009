package io.freehub.twin.twin;

import io.freehub.model.IdentityId;
import io.freehub.model.SessionAddress;
import io.freehub.store.JsonRows;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Metadata;
import io.freehub.twin.document.Section;
import io.freehub.twin.document.Twin;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Twins in the database, many at a time. */
public final class TwinTable {

    private static final String LOCK = """
            select id, generation, version, writes, tags, desired, desired_metadata, desired_version,
                   reported, reported_metadata, reported_version, watcher_gateway, watcher_session
            from twin where id = any(?) order by id for update
            """;

    private static final String SAVE_REPORTED = """
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

    private static final String SAVE_WRITTEN = """
            update twin t set
                version = r.version,
                writes = r.writes,
                tags = r.tags,
                desired = r.desired,
                desired_metadata = r."desiredMetadata",
                desired_version = r."desiredVersion"
            from json_to_recordset(cast(cast(? as text) as json)) as r(
                id text, version bigint, writes bigint, tags text, desired text, "desiredMetadata" text,
                "desiredVersion" bigint)
            where t.id = r.id collate "C"
            """;

    private TwinTable() {}

    /** Those that there are, locked until the transaction ends. Locks are taken in the order of ids. */
    public static SequencedMap<IdentityId, StoredTwin> lock(Connection connection, Collection<IdentityId> identities)
            throws SQLException {
        try (var query = connection.prepareStatement(LOCK)) {
            query.setArray(
                    1,
                    connection.createArrayOf(
                            "text",
                            identities.stream().map(IdentityId::toString).toArray()));
            try (var rows = query.executeQuery()) {
                var twins = new TreeMap<IdentityId, StoredTwin>();
                while (rows.next()) {
                    var identity = IdentityId.parse(rows.getString("id"));
                    twins.put(identity, read(identity, rows));
                }
                return twins;
            }
        }
    }

    private static StoredTwin read(IdentityId identity, ResultSet row) throws SQLException {
        var twin = new Twin(
                JsonText.readObject(row.getString("tags")),
                section(row, "desired"),
                section(row, "reported"),
                row.getLong("version"),
                row.getLong("writes"));
        int gateway = row.getInt("watcher_gateway");
        var watcher = Optional.ofNullable(row.getString("watcher_session"))
                .map(session -> new SessionAddress(identity, session, gateway));
        return new StoredTwin(row.getLong("generation"), twin, watcher);
    }

    private static Section section(ResultSet row, String name) throws SQLException {
        return new Section(
                JsonText.readObject(row.getString(name)),
                Metadata.parse(JsonText.readObject(row.getString(name + "_metadata"))),
                row.getLong(name + "_version"));
    }

    /** What a device or module can change of its twin, as a row for the statement. */
    private record Reported(
            String id,
            long version,
            String reported,
            String reportedMetadata,
            long reportedVersion,
            @Nullable Integer watcherGateway,
            @Nullable String watcherSession) {

        static Reported of(IdentityId identity, StoredTwin changed) {
            var reported = changed.twin().reported();
            return new Reported(
                    identity.toString(),
                    changed.twin().version(),
                    JsonText.write(reported.values()),
                    JsonText.write(reported.metadata().json()),
                    reported.version(),
                    changed.watcher().map(SessionAddress::gateway).orElse(null),
                    changed.watcher().map(SessionAddress::session).orElse(null));
        }
    }

    /** What a back end can change of a twin, as a row for the statement. */
    private record Written(
            String id,
            long version,
            long writes,
            String tags,
            String desired,
            String desiredMetadata,
            long desiredVersion) {

        static Written of(IdentityId identity, StoredTwin changed) {
            var twin = changed.twin();
            return new Written(
                    identity.toString(),
                    twin.version(),
                    twin.writes(),
                    JsonText.write(twin.tags()),
                    JsonText.write(twin.desired().values()),
                    JsonText.write(twin.desired().metadata().json()),
                    twin.desired().version());
        }
    }

    /** Stores what devices and modules wrote, and who watches, of twins that are locked. */
    public static void saveReported(Connection connection, Map<IdentityId, StoredTwin> changed) throws SQLException {
        save(connection, SAVE_REPORTED, changed, Reported::of);
    }

    /** Stores what back ends wrote of twins that are locked. */
    public static void saveWritten(Connection connection, Map<IdentityId, StoredTwin> changed) throws SQLException {
        save(connection, SAVE_WRITTEN, changed, Written::of);
    }

    private static void save(
            Connection connection,
            String statement,
            Map<IdentityId, StoredTwin> changed,
            BiFunction<IdentityId, StoredTwin, Object> row)
            throws SQLException {
        JsonRows.execute(
                connection,
                statement,
                changed.entrySet().stream()
                        .map(twin -> row.apply(twin.getKey(), twin.getValue()))
                        .toList());
    }
}
