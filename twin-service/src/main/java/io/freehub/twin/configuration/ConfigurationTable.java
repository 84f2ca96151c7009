package io.freehub.twin.configuration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Configurations in the database, for those who write twins. */
final class ConfigurationTable {

    /** Any number that no other advisory lock of the database has. Who changes a configuration has it alone. */
    static final long LOCK = 0x636f6e666967L;

    private static final String ALL = """
            select id, version, rollout, schema_version, labels, content, target_condition, priority, metrics, created_at,
                   updated_at
            from configuration
            """;

    private ConfigurationTable() {}

    /**
     * Keeps configurations from being changed until the transaction ends. Who writes twins by what they say holds this: so a
     * change begins when all that was done by its old state is committed, and finds it.
     */
    static void hold(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement("select pg_advisory_xact_lock_shared(?)")) {
            query.setLong(1, LOCK);
            query.executeQuery().close();
        }
    }

    /** Ids and versions of all. */
    static Map<String, Long> versions(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement("select id, version from configuration");
                var rows = query.executeQuery()) {
            var versions = new HashMap<String, Long>();
            while (rows.next()) {
                versions.put(rows.getString(1), rows.getLong(2));
            }
            return versions;
        }
    }

    /** All of them, the prevailing ones last. */
    static List<Configuration> all(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement(ALL);
                var rows = query.executeQuery()) {
            var found = new ArrayList<Configuration>();
            while (rows.next()) {
                found.add(read(rows).stored());
            }
            found.sort(Configuration.BY_PRIORITY);
            return found;
        }
    }

    private static ConfigurationRow read(ResultSet rows) throws SQLException {
        var row = new ConfigurationRow();
        row.id = rows.getString("id");
        row.version = rows.getLong("version");
        row.rollout = rows.getLong("rollout");
        row.schemaVersion = rows.getString("schema_version");
        row.labels = rows.getString("labels");
        row.content = rows.getString("content");
        row.targetCondition = rows.getString("target_condition");
        row.priority = rows.getInt("priority");
        row.metrics = rows.getString("metrics");
        row.createdAt = rows.getObject("created_at", OffsetDateTime.class).toInstant();
        row.updatedAt = rows.getObject("updated_at", OffsetDateTime.class).toInstant();
        return row;
    }
}
