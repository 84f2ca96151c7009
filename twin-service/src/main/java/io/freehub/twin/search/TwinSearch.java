package io.freehub.twin.search;

import io.freehub.model.IdentityId;
import io.freehub.query.Expression;
import io.freehub.query.Query;
import io.freehub.store.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/**
 * Which twins meet a condition. A property that the condition asks for may be anything that a query may ask for.
 *
 * <p>Everything fails with {@link io.freehub.model.HubError#SERVICE_UNAVAILABLE} when the database is away or takes too long.
 */
@ApplicationScoped
public class TwinSearch {

    private final Pool pool;

    TwinSearch(Pool pool) {
        this.pool = pool;
    }

    /**
     * The first twins that meet the condition behind a given one. Devices come in the order of their ids, modules in that of
     * their own ids and then of their devices'.
     *
     * @param source devices or modules
     * @param where empty for all
     * @param after empty to begin
     * @param atMost how many
     */
    public Uni<List<IdentityId>> find(
            Query.Source source, Optional<Expression> where, Optional<IdentityId> after, int atMost) {
        var selection = new Selection(query(source, where));
        var position = after.map(id -> new Position.AtTwin(id, Optional.empty(), Optional.empty()));
        return run(() -> few(pool, selection)
                .compose(few -> execute(pool, selection.twins("t.id", few, position, atMost)))
                .map(TwinSearch::identities));
    }

    /** How many rows the query over devices or modules has. */
    public Uni<Long> count(Query query) {
        return run(() -> execute(pool, new Selection(query).count())
                .map(rows -> rows.iterator().next().getLong(0))
                .map(count -> Math.min(count, query.top().orElse(Integer.MAX_VALUE))));
    }

    /** Whether so few twins can meet the condition that an index is to find them. */
    static Future<Boolean> few(SqlClient client, Selection selection) {
        return selection
                .candidates()
                .map(statement -> execute(client, statement)
                        .map(rows -> rows.iterator().next().getLong(0) <= Selection.FEW))
                .orElse(Future.succeededFuture(false));
    }

    private static Future<RowSet<Row>> execute(SqlClient client, Statement statement) {
        return client.preparedQuery(statement.text()).execute(statement.parameters());
    }

    private static <T> Uni<T> run(Supplier<Future<T>> work) {
        return Database.failing(
                Uni.createFrom().completionStage(() -> work.get().toCompletionStage()));
    }

    private static Query query(Query.Source source, Optional<Expression> where) {
        return new Query(OptionalInt.empty(), List.of(), source, where, List.of(), Optional.empty());
    }

    private static List<IdentityId> identities(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> IdentityId.parse(row.getString(0)))
                .toList();
    }
}
