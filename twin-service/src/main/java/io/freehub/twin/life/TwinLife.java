package io.freehub.twin.life;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.freehub.store.OutboxRelay;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Twin;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
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

    /** Whatever is left of an earlier life has been ended by then. */
    private static final String BEGIN = """
            insert into twin (id, generation, version, writes, tags, desired, desired_metadata, desired_version,
                              reported, reported_metadata, reported_version)
            select id, generation, %1$d, %2$d, '%3$s', '%4$s', '%5$s', %6$d, '%7$s', '%8$s', %9$d
            from json_to_recordset(cast(cast(%10$s as text) as json)) as r(id text, generation bigint)
            order by id
            on conflict (id) do nothing
            returning id
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
    private final Outbox outbox;
    private final OutboxRelay relay;
    private final Clock clock;

    TwinLife(AgroalDataSource dataSource, Outbox outbox, OutboxRelay relay, Clock clock) {
        this.dataSource = dataSource;
        this.outbox = outbox;
        this.relay = relay;
        this.clock = clock;
    }

    /** Begins a life, in the current transaction; true when that made a new twin. */
    public Uni<Boolean> begin(IdentityId identity, long generation) {
        var life = new IdentityBatch.Life(identity, generation);
        return execute(REACTIVE_END, life.earlier())
                .chain(_ -> Panache.getSession())
                .chain(session -> session.createNativeQuery(REACTIVE_BEGIN, String.class)
                        .setParameter("lives", IdentityBatch.json(List.of(life)))
                        .getResultList())
                .call(begun -> outbox.add(told(begun)))
                .map(begun -> !begun.isEmpty());
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
            var earlier =
                    batch.begun().stream().map(IdentityBatch.Life::earlier).toList();
            execute(connection, JDBC_END, batch.ended(), IdentityBatch::json);
            execute(connection, JDBC_END, earlier, IdentityBatch::json);
            for (var forget : FORGET) {
                execute(connection, forget, batch.ended(), IdentityBatch::json);
            }
            outbox.add(connection, told(begin(connection, batch.begun())));
            execute(connection, DESCRIBE, batch.described(), IdentityBatch::jsonOf);
            connection.commit();
        }
        relay.kick();
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

    /** The twins that are new. */
    private static List<String> begin(Connection connection, Collection<IdentityBatch.Life> lives) throws SQLException {
        var begun = new ArrayList<String>();
        if (!lives.isEmpty()) {
            try (var insert = connection.prepareStatement(JDBC_BEGIN)) {
                insert.setString(1, IdentityBatch.json(lives));
                try (var rows = insert.executeQuery()) {
                    while (rows.next()) {
                        begun.add(rows.getString(1));
                    }
                }
            }
        }
        return begun;
    }

    private List<OutboxRecord> told(List<String> begun) {
        var now = clock.instant();
        return begun.stream()
                .map(IdentityId::parse)
                .map(identity -> OutboxRecord.of(
                        Topic.TWIN_CHANGES,
                        identity.device().value(),
                        new TwinChange.Begun(
                                identity,
                                Twin.FRESH.version(),
                                JsonText.write(Twin.named(identity, Twin.FRESH.json())),
                                now)))
                .toList();
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
