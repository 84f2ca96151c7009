package io.freehub.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * What a service does with the log of connections in tables of its own. The first three statements have one parameter, a JSON
 * array of rows ({@link JsonRows}); times are texts of ISO 8601.
 *
 * @param gateways stores lives of gateways: {@code ordinal}, {@code incarnation}, {@code alive_at}
 * @param sessions stores the sessions that count: {@code id}, {@code generation}, {@code session}, {@code ordinal},
 *     {@code incarnation}, {@code opened_at}, {@code closed_at} where it is closed, {@code model_id}, {@code log_partition},
 *     {@code log_offset}
 * @param closings closes sessions that were stored before: {@code id}, {@code session}, {@code closed_at},
 *     {@code log_offset}
 * @param logLost lets whatever is said next count for the rows of a partition, its first parameter, from an offset on, its second
 */
public record ConnectionStatements(String gateways, String sessions, String closings, String logLost) {

    /** Stores a batch as part of the transaction of the connection. */
    public void store(Connection connection, ConnectionBatch batch) throws SQLException {
        JsonRows.execute(
                connection,
                gateways,
                batch.gateways().stream().map(ConnectionStatements::columns).toList());
        // Gateways of earlier versions do not say which life they mean; their sessions end with the upgrade.
        JsonRows.execute(
                connection,
                sessions,
                batch.sessions().stream()
                        .filter(latest -> latest.opened().generationId().isPresent())
                        .map(ConnectionStatements::columns)
                        .toList());
        JsonRows.execute(
                connection,
                closings,
                batch.closings().stream().map(ConnectionStatements::columns).toList());
    }

    /** Says where a partition of the log ends, as {@link ConnectionReader.Store#logEndsAt} does. */
    public void logEndsAt(Connection connection, int partition, long offset) throws SQLException {
        try (var update = connection.prepareStatement(logLost)) {
            update.setInt(1, partition);
            update.setLong(2, offset);
            update.executeUpdate();
        }
    }

    private static Map<String, Object> columns(ConnectionBatch.GatewayLife life) {
        return Map.of(
                "ordinal", life.gateway().ordinal(),
                "incarnation", life.gateway().incarnation(),
                "alive_at", life.lastSeen().toString());
    }

    private static Map<String, Object> columns(ConnectionBatch.LatestSession latest) {
        var opened = latest.opened();
        var columns = new HashMap<String, Object>(Map.of(
                "id", opened.identity().toString(),
                "generation", Long.parseLong(opened.generationId().orElseThrow()),
                "session", opened.session(),
                "ordinal", opened.gateway().ordinal(),
                "incarnation", opened.gateway().incarnation(),
                "opened_at", opened.at().toString(),
                "model_id", opened.modelId().orElse(""),
                "log_partition", latest.partition(),
                "log_offset", latest.offset()));
        latest.closedAt().ifPresent(at -> columns.put("closed_at", at.toString()));
        return columns;
    }

    private static Map<String, Object> columns(ConnectionBatch.Closing closing) {
        return Map.of(
                "id", closing.identity().toString(),
                "session", closing.session(),
                "closed_at", closing.at().toString(),
                "log_offset", closing.offset());
    }
}
