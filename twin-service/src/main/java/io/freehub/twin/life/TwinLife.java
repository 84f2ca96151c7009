package io.freehub.twin.life;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.IdentityId;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Twin;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * The beginning and the end of twins. A twin belongs to one life of its device or module: a later life begins with a new
 * twin, an earlier one has no say any more. So whatever is done again or too late changes nothing.
 */
@ApplicationScoped
public class TwinLife {

    private static final String BEGIN = """
            insert into twin (id, generation, version, writes, tags, desired, desired_metadata, desired_version,
                              reported, reported_metadata, reported_version)
            select id, generation, %1$d, %2$d, '%3$s', '%4$s', '%5$s', %6$d, '%7$s', '%8$s', %9$d
            from json_to_recordset(cast(cast(%10$s as text) as json)) as r(id text, generation bigint)
            order by id
            on conflict (id) do update set
                generation = excluded.generation,
                version = excluded.version,
                writes = excluded.writes,
                tags = excluded.tags,
                desired = excluded.desired,
                desired_metadata = excluded.desired_metadata,
                desired_version = excluded.desired_version,
                reported = excluded.reported,
                reported_metadata = excluded.reported_metadata,
                reported_version = excluded.reported_version,
                watcher_gateway = null,
                watcher_session = null
            where twin.generation < excluded.generation
            """;

    private static final String END = """
            delete from twin t
            using json_to_recordset(cast(cast(%s as text) as json)) as r(id text, generation bigint)
            where t.id = r.id and t.generation <= r.generation
            """;

    private static final String RETRACT = END + " and t.version = " + Twin.FRESH.version();

    private static final String REACTIVE_BEGIN = begin(":lives");
    private static final String JDBC_BEGIN = begin("?");
    private static final String REACTIVE_END = END.formatted(":lives");
    private static final String REACTIVE_RETRACT = RETRACT.formatted(":lives");
    private static final String JDBC_END = END.formatted("?");

    private final AgroalDataSource dataSource;

    TwinLife(AgroalDataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Begins a life, in the current transaction; true when that made a new twin. */
    public Uni<Boolean> begin(IdentityId identity, long generation) {
        return execute(REACTIVE_BEGIN, new IdentityBatch.Life(identity, generation));
    }

    /** Ends a life, in the current transaction. */
    public Uni<Boolean> end(IdentityId identity, long generation) {
        return execute(REACTIVE_END, new IdentityBatch.Life(identity, generation));
    }

    /** Takes back a beginning, in the current transaction, unless something was written since. */
    public Uni<Boolean> retract(IdentityId identity, long generation) {
        return execute(REACTIVE_RETRACT, new IdentityBatch.Life(identity, generation));
    }

    /** Begins and ends lives in one transaction. */
    void apply(IdentityBatch batch) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            execute(connection, JDBC_END, batch.ended());
            execute(connection, JDBC_BEGIN, batch.begun());
            connection.commit();
        }
    }

    private static Uni<Boolean> execute(String statement, IdentityBatch.Life life) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(statement)
                        .setParameter("lives", IdentityBatch.json(List.of(life)))
                        .executeUpdate())
                .map(count -> count > 0);
    }

    private static void execute(Connection connection, String statement, Collection<IdentityBatch.Life> lives)
            throws SQLException {
        if (!lives.isEmpty()) {
            try (var update = connection.prepareStatement(statement)) {
                update.setString(1, IdentityBatch.json(lives));
                update.executeUpdate();
            }
        }
    }

    private static String begin(String parameter) {
        var fresh = Twin.FRESH;
        return BEGIN.formatted(
                fresh.version(),
                fresh.writes(),
                JsonText.write(fresh.tags()),
                JsonText.write(fresh.desired().values()),
                JsonText.write(fresh.desired().metadata().json()),
                fresh.desired().version(),
                JsonText.write(fresh.reported().values()),
                JsonText.write(fresh.reported().metadata().json()),
                fresh.reported().version(),
                parameter);
    }
}
