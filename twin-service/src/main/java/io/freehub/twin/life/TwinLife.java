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
import java.util.function.Function;
import java.util.stream.Stream;

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

    private static final String DESCRIBE = """
            insert into twin_identity (id, generation, version, etag, status, status_reason, status_updated_at,
                                       authentication, primary_thumbprint, secondary_thumbprint, edge, device_scope,
                                       parent_scopes)
            select id, generation, version, etag, status, status_reason, status_updated_at, authentication,
                   primary_thumbprint, secondary_thumbprint, edge, device_scope, parent_scopes
            from json_to_recordset(?::json)
                as r(id text, generation bigint, version bigint, etag text, status text, status_reason text,
                     status_updated_at timestamptz, authentication text, primary_thumbprint text,
                     secondary_thumbprint text, edge boolean, device_scope text, parent_scopes jsonb)
            where exists (select from twin t where t.id = r.id and t.generation = r.generation)
            order by id
            on conflict (id) do update set
                generation = excluded.generation,
                version = excluded.version,
                etag = excluded.etag,
                status = excluded.status,
                status_reason = excluded.status_reason,
                status_updated_at = excluded.status_updated_at,
                authentication = excluded.authentication,
                primary_thumbprint = excluded.primary_thumbprint,
                secondary_thumbprint = excluded.secondary_thumbprint,
                edge = excluded.edge,
                device_scope = excluded.device_scope,
                parent_scopes = excluded.parent_scopes
            where (twin_identity.generation, twin_identity.version) < (excluded.generation, excluded.version)
            """;

    /** What belongs to the ended life too; none of it may come back. */
    private static final List<String> FORGET = Stream.of("twin_identity", "connection")
            .map(table -> END.replace("delete from twin t", "delete from " + table + " t")
                    .formatted("?"))
            .toList();

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
            execute(connection, JDBC_END, batch.ended(), IdentityBatch::json);
            for (var forget : FORGET) {
                execute(connection, forget, batch.ended(), IdentityBatch::json);
            }
            execute(connection, JDBC_BEGIN, batch.begun(), IdentityBatch::json);
            execute(connection, DESCRIBE, batch.described(), IdentityBatch::jsonOf);
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

    private static <T> void execute(
            Connection connection, String statement, Collection<T> values, Function<Collection<T>, String> json)
            throws SQLException {
        if (!values.isEmpty()) {
            try (var update = connection.prepareStatement(statement)) {
                update.setString(1, json.apply(values));
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
