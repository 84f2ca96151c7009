package io.freehub.registry.connection;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.ConnectionEvent;
import io.freehub.store.ConnectionBatch;
import io.freehub.store.ConnectionReader;
import io.freehub.store.JsonRows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sessions and gateways in the database. Storing the same events again changes nothing. */
@ApplicationScoped
class ConnectionStore implements ConnectionReader.Store {

    private static final String GATEWAYS = """
            insert into gateway (ordinal, incarnation, started_at, alive_at)
            select ordinal, incarnation, started_at, alive_at
            from json_to_recordset(?::json)
                as r(ordinal integer, incarnation bigint, started_at timestamptz, alive_at timestamptz)
            on conflict (ordinal) do update set
                incarnation = excluded.incarnation,
                started_at = case when excluded.incarnation > gateway.incarnation
                    then excluded.started_at else gateway.started_at end,
                alive_at = case when excluded.incarnation > gateway.incarnation
                    then excluded.alive_at else greatest(gateway.alive_at, excluded.alive_at) end
            where excluded.incarnation >= gateway.incarnation
            """;

    private static final String SESSIONS = """
            insert into connection
                (identity, session, ordinal, incarnation, opened_at, closed_at, log_partition, log_offset)
            select identity, session, ordinal, incarnation, opened_at, closed_at, log_partition, log_offset
            from json_to_recordset(?::json)
                as r(identity text, session text, ordinal integer, incarnation bigint,
                     opened_at timestamptz, closed_at timestamptz, log_partition integer, log_offset bigint)
            where exists (select 1 from identity i where i.id = r.identity)
            on conflict (identity) do update set
                session = excluded.session,
                ordinal = excluded.ordinal,
                incarnation = excluded.incarnation,
                opened_at = excluded.opened_at,
                closed_at = excluded.closed_at,
                log_partition = excluded.log_partition,
                log_offset = excluded.log_offset
            where connection.log_offset < excluded.log_offset
            """;

    private static final String CLOSINGS = """
            update connection c set closed_at = r.closed_at, log_offset = r.log_offset
            from json_to_recordset(?::json)
                as r(identity text, session text, closed_at timestamptz, log_offset bigint)
            where c.identity = r.identity and c.session = r.session
                and c.closed_at is null and c.log_offset < r.log_offset
            """;

    private static final String SUBSCRIPTIONS = """
            update identity i set kept_qos = r.qos, kept_feeds = r.feeds
            from json_to_recordset(?::json) as r(identity text, qos integer, feeds text[])
            where i.id = r.identity and (i.kept_qos, i.kept_feeds) is distinct from (r.qos, r.feeds)
            """;

    private static final String LOG_LOST =
            "update connection set log_offset = -1 where log_partition = ? and log_offset >= ?";

    private final AgroalDataSource dataSource;

    ConnectionStore(AgroalDataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Stores a batch in one transaction. */
    @Override
    public void store(ConnectionBatch batch) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            execute(
                    connection,
                    GATEWAYS,
                    batch.gateways(),
                    life -> Map.of(
                            "ordinal", life.gateway().ordinal(),
                            "incarnation", life.gateway().incarnation(),
                            "started_at", life.firstSeen().toString(),
                            "alive_at", life.lastSeen().toString()));
            execute(connection, SESSIONS, batch.sessions(), SessionColumns::of);
            execute(
                    connection,
                    CLOSINGS,
                    batch.closings(),
                    closing -> Map.of(
                            "identity", closing.identity().toString(),
                            "session", closing.session(),
                            "closed_at", closing.at().toString(),
                            "log_offset", closing.offset()));
            execute(connection, SUBSCRIPTIONS, batch.subscriptions(), ConnectionStore::columns);
            connection.commit();
        }
    }

    private static Map<String, Object> columns(ConnectionEvent.SubscriptionsKept kept) {
        var columns = new HashMap<String, Object>();
        columns.put("identity", kept.identity().toString());
        columns.put("feeds", kept.subscriptions().feeds().stream().sorted().toList());
        kept.subscriptions().messages().ifPresent(qos -> columns.put("qos", qos));
        return columns;
    }

    /**
     * Says where a partition of the log ends. Rows that come from behind that end come from a log that was lost; whatever
     * the new one says counts.
     */
    @Override
    public void logEndsAt(int partition, long offset) throws SQLException {
        try (var connection = dataSource.getConnection();
                var update = connection.prepareStatement(LOG_LOST)) {
            update.setInt(1, partition);
            update.setLong(2, offset);
            update.executeUpdate();
        }
    }

    private static <T> void execute(
            Connection connection, String statement, Collection<T> values, Function<T, Object> columns)
            throws SQLException {
        JsonRows.execute(connection, statement, values.stream().map(columns).toList());
    }

    private record SessionColumns(
            String identity,
            String session,
            int ordinal,
            long incarnation,
            String opened_at,
            @Nullable String closed_at,
            int log_partition,
            long log_offset) {

        static Object of(ConnectionBatch.LatestSession latest) {
            return new SessionColumns(
                    latest.opened().identity().toString(),
                    latest.opened().session(),
                    latest.opened().gateway().ordinal(),
                    latest.opened().gateway().incarnation(),
                    latest.opened().at().toString(),
                    latest.closedAt().map(Object::toString).orElse(null),
                    latest.partition(),
                    latest.offset());
        }
    }
}
