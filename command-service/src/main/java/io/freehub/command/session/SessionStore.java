package io.freehub.command.session;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.store.ConnectionBatch;
import io.freehub.store.ConnectionReader;
import io.freehub.store.ConnectionStatements;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Sessions and gateways in the database. Storing the same events again changes nothing. */
@ApplicationScoped
class SessionStore implements ConnectionReader.Store {

    /** Sessions that are changed in one transaction. */
    static final int MANY = 1000;

    private static final String GATEWAYS = """
            insert into gateway (ordinal, incarnation, alive_at)
            select ordinal, incarnation, alive_at
            from json_to_recordset(?::json) as r(ordinal integer, incarnation bigint, alive_at timestamptz)
            order by ordinal
            on conflict (ordinal) do update set
                incarnation = excluded.incarnation,
                alive_at = excluded.alive_at,
                heard_at = now(),
                silent = false
            where excluded.incarnation > gateway.incarnation
                or excluded.incarnation = gateway.incarnation and excluded.alive_at > gateway.alive_at
            """;

    private static final String SESSIONS = """
            insert into session (id, generation, session, ordinal, incarnation, opened_at, closed_at, model_id,
                                 log_partition, log_offset)
            select id, generation, session, ordinal, incarnation, opened_at, closed_at, model_id, log_partition, log_offset
            from json_to_recordset(?::json)
                as r(id text, generation bigint, session text, ordinal integer, incarnation bigint,
                     opened_at timestamptz, closed_at timestamptz, model_id text, log_partition integer,
                     log_offset bigint)
            order by id
            on conflict (id) do update set
                generation = excluded.generation,
                session = excluded.session,
                ordinal = excluded.ordinal,
                incarnation = excluded.incarnation,
                opened_at = excluded.opened_at,
                closed_at = excluded.closed_at,
                expired = session.expired and session.session = excluded.session
                    and session.closed_at is not distinct from excluded.closed_at,
                model_id = excluded.model_id,
                log_partition = excluded.log_partition,
                log_offset = excluded.log_offset
            where session.log_offset < excluded.log_offset
            """;

    /** What was closed here comes back with the very time; what a gateway says of such a session is the last word. */
    private static final String CLOSINGS = """
            update session s set
                closed_at = r.closed_at,
                expired = s.expired and s.closed_at = r.closed_at,
                log_offset = r.log_offset
            from json_to_recordset(?::json) as r(id text, session text, closed_at timestamptz, log_offset bigint)
            where s.id = r.id and s.session = r.session and (s.closed_at is null or s.expired)
                and s.log_offset < r.log_offset
            """;

    private static final String LOG_LOST =
            "update session set log_offset = -1 where log_partition = ? and log_offset >= ?";

    private static final String KNOWN = "select ordinal, incarnation, silent from gateway order by ordinal";

    private static final String SILENT = """
            update gateway set silent = true
            where not silent and heard_at < now() - make_interval(secs => ?)
            returning ordinal, incarnation
            """;

    private static final String CLOSE = """
            update session set closed_at = ?, expired = ?
            where id in (select id from session
                         where ordinal = ? and closed_at is null and incarnation %s ?
                         order by id
                         for update skip locked
                         limit ?)
            returning id, generation, session, ordinal, incarnation, opened_at, model_id
            """;

    private static final String REOPEN = """
            update session set closed_at = null, expired = false
            where id in (select id from session
                         where ordinal = ? and expired and incarnation = ?
                         order by id
                         for update skip locked
                         limit ?)
            returning id, generation, session, ordinal, incarnation, opened_at, model_id
            """;

    private static final String FORGET = """
            delete from session
            where id in (select id from session
                         where closed_at < now() - make_interval(secs => ?)
                         for update skip locked
                         limit ?)
            """;

    private static final ConnectionStatements STATEMENTS =
            new ConnectionStatements(GATEWAYS, SESSIONS, CLOSINGS, LOG_LOST);

    private final AgroalDataSource dataSource;
    private final Outbox outbox;

    SessionStore(AgroalDataSource dataSource, Outbox outbox) {
        this.dataSource = dataSource;
        this.outbox = outbox;
    }

    /** A gateway as it was last heard of. */
    record Gateway(GatewayInstance instance, boolean silent) {}

    /** Which sessions of a gateway end. */
    enum Ending {
        /** Those of earlier lives. */
        RESTARTED("<", "the gateway restarted"),
        /** Those of this life, as far as one can tell. */
        GONE("=", "the gateway is gone");

        private final String comparison;
        private final String reason;

        Ending(String comparison, String reason) {
            this.comparison = comparison;
            this.reason = reason;
        }
    }

    private interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    @Override
    public void store(ConnectionBatch batch) throws SQLException {
        transaction(connection -> {
            STATEMENTS.store(connection, batch);
            return batch;
        });
    }

    @Override
    public void logEndsAt(int partition, long offset) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            STATEMENTS.logEndsAt(connection, partition, offset);
        }
    }

    /** All gateways that were ever heard of. */
    List<Gateway> gateways() throws SQLException {
        try (var connection = dataSource.getConnection();
                var query = connection.prepareStatement(KNOWN);
                var rows = query.executeQuery()) {
            var gateways = new ArrayList<Gateway>();
            while (rows.next()) {
                gateways.add(new Gateway(instance(rows), rows.getBoolean("silent")));
            }
            return gateways;
        }
    }

    /** Takes those gateways for silent that were not heard of for so long, and says which. */
    List<GatewayInstance> fallSilent(Duration unheard) throws SQLException {
        try (var connection = dataSource.getConnection();
                var update = connection.prepareStatement(SILENT)) {
            update.setDouble(1, unheard.toMillis() / 1000.0);
            try (var rows = update.executeQuery()) {
                var silent = new ArrayList<GatewayInstance>();
                while (rows.next()) {
                    silent.add(instance(rows));
                }
                return silent;
            }
        }
    }

    /** Closes some sessions of a gateway and tells of each; how many. */
    int close(GatewayInstance gateway, Ending ending, Instant now) throws SQLException {
        // As exact as the database is, so that it is known again when it comes back from the log.
        var at = now.truncatedTo(ChronoUnit.MILLIS);
        return transaction(connection -> {
            try (var update = connection.prepareStatement(CLOSE.formatted(ending.comparison))) {
                update.setTimestamp(1, Timestamp.from(at));
                update.setBoolean(2, ending == Ending.GONE);
                update.setInt(3, gateway.ordinal());
                update.setLong(4, gateway.incarnation());
                update.setInt(5, MANY);
                return tell(
                        connection,
                        update.executeQuery(),
                        opened -> new ConnectionEvent.Closed(
                                opened.identity(), opened.session(), opened.gateway(), ending.reason, at));
            }
        });
    }

    /** Opens some sessions again that were closed while their gateway was silent, and tells of each; how many. */
    int reopen(GatewayInstance gateway) throws SQLException {
        return transaction(connection -> {
            try (var update = connection.prepareStatement(REOPEN)) {
                update.setInt(1, gateway.ordinal());
                update.setLong(2, gateway.incarnation());
                update.setInt(3, MANY);
                return tell(connection, update.executeQuery(), opened -> opened);
            }
        });
    }

    /** Forgets some sessions that were closed so long ago that the log tells nothing of them any more. */
    void forget(Duration closed) throws SQLException {
        try (var connection = dataSource.getConnection();
                var delete = connection.prepareStatement(FORGET)) {
            delete.setDouble(1, closed.toSeconds());
            delete.setInt(2, MANY);
            delete.executeUpdate();
        }
    }

    private int tell(Connection connection, ResultSet rows, Function<ConnectionEvent.Opened, ConnectionEvent> event)
            throws SQLException {
        var records = new ArrayList<OutboxRecord>();
        while (rows.next()) {
            var opened = opened(rows);
            records.add(OutboxRecord.of(
                    Topic.CONNECTIONS, opened.identity().device().value(), event.apply(opened)));
        }
        outbox.add(connection, records);
        return records.size();
    }

    private static ConnectionEvent.Opened opened(ResultSet row) throws SQLException {
        return new ConnectionEvent.Opened(
                IdentityId.parse(row.getString("id")),
                row.getString("session"),
                Optional.of(Long.toString(row.getLong("generation"))),
                Optional.of(row.getString("model_id")).filter(model -> !model.isEmpty()),
                instance(row),
                row.getTimestamp("opened_at").toInstant());
    }

    private static GatewayInstance instance(ResultSet row) throws SQLException {
        return new GatewayInstance(row.getInt("ordinal"), row.getLong("incarnation"));
    }

    private <T> T transaction(Work<T> work) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var result = work.in(connection);
                connection.commit();
                return result;
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
    }
}
