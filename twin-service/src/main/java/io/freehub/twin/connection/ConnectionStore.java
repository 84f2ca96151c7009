package io.freehub.twin.connection;

import io.agroal.api.AgroalDataSource;
import io.freehub.store.ConnectionBatch;
import io.freehub.store.ConnectionReader;
import io.freehub.store.ConnectionStatements;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;

/**
 * Sessions and gateways in the database, for queries. Storing the same events again changes nothing. A session may be told of
 * before its device is, and counts for the life of the identity that it names.
 */
@ApplicationScoped
class ConnectionStore implements ConnectionReader.Store {

    private static final String GATEWAYS = """
            insert into gateway (ordinal, incarnation, alive_at)
            select ordinal, incarnation, alive_at
            from json_to_recordset(?::json) as r(ordinal integer, incarnation bigint, alive_at timestamptz)
            on conflict (ordinal) do update set
                incarnation = excluded.incarnation,
                alive_at = case when excluded.incarnation > gateway.incarnation
                    then excluded.alive_at else greatest(gateway.alive_at, excluded.alive_at) end
            where excluded.incarnation >= gateway.incarnation
            """;

    private static final String SESSIONS = """
            insert into connection (id, generation, session, ordinal, incarnation, opened_at, closed_at, model_id,
                                    log_partition, log_offset)
            select id, generation, session, ordinal, incarnation, opened_at, closed_at, model_id, log_partition, log_offset
            from json_to_recordset(?::json)
                as r(id text, generation bigint, session text, ordinal integer, incarnation bigint,
                     opened_at timestamptz, closed_at timestamptz, model_id text, log_partition integer,
                     log_offset bigint)
            on conflict (id) do update set
                generation = excluded.generation,
                session = excluded.session,
                ordinal = excluded.ordinal,
                incarnation = excluded.incarnation,
                opened_at = excluded.opened_at,
                closed_at = excluded.closed_at,
                model_id = excluded.model_id,
                log_partition = excluded.log_partition,
                log_offset = excluded.log_offset
            where connection.log_offset < excluded.log_offset
            """;

    private static final String CLOSINGS = """
            update connection c set closed_at = r.closed_at, log_offset = r.log_offset
            from json_to_recordset(?::json) as r(id text, session text, closed_at timestamptz, log_offset bigint)
            where c.id = r.id and c.session = r.session and c.closed_at is null and c.log_offset < r.log_offset
            """;

    private static final String LOG_LOST =
            "update connection set log_offset = -1 where log_partition = ? and log_offset >= ?";

    private static final ConnectionStatements STATEMENTS =
            new ConnectionStatements(GATEWAYS, SESSIONS, CLOSINGS, LOG_LOST);

    private final AgroalDataSource dataSource;

    ConnectionStore(AgroalDataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Stores a batch in one transaction. */
    @Override
    public void store(ConnectionBatch batch) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            STATEMENTS.store(connection, batch);
            connection.commit();
        }
    }

    /**
     * Says where a partition of the log ends. Rows that come from behind that end come from a log that was lost; whatever
     * the new one says counts.
     */
    @Override
    public void logEndsAt(int partition, long offset) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            STATEMENTS.logEndsAt(connection, partition, offset);
        }
    }
}
