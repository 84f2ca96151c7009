package io.freehub.twin.search;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.query.Query;
import io.freehub.query.QueryException;
import io.freehub.query.QueryParser;
import io.freehub.store.Database;
import io.freehub.twin.TwinConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;

/** Answers queries of back ends, page by page. */
@ApplicationScoped
class TwinQueries {

    /** A page with so many bytes ends, whatever the client asked for. */
    private static final int ENOUGH = 4 << 20;

    /** Rows that are read at a time, the largest of which may have a hundred KiB and more. */
    private static final int BATCH = 100;

    /** PostgreSQL's word for a statement that was ended, by its timeout for instance. */
    private static final String CANCELED = "57014";

    private final Pool pool;
    private final Turns turns;
    private final Duration timeout;

    TwinQueries(Pool pool, Vertx vertx, TwinConfig config) {
        this.pool = pool;
        var queries = config.queries();
        this.turns = new Turns(vertx, queries.concurrency(), queries.waiting(), queries.maxWait());
        this.timeout = queries.timeout();
    }

    /**
     * Some rows.
     *
     * @param json an array
     * @param next the token for the rows that follow; empty when there are none
     */
    record Page(String json, String itemType, Optional<String> next) {}

    /**
     * The next rows of a query, at most so many.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} for a text that is no query, or a token that is none of it
     */
    Uni<Page> page(String text, Optional<String> token, int size) {
        var query = parse(text);
        var rows = rows(query);
        var from = token.map(sent -> PageToken.read(sent, text, rows.positions()));
        int delivered = from.map(PageToken::delivered).orElse(0);
        int left = Math.max(0, query.top().orElse(Integer.MAX_VALUE) - delivered);
        var page = new PageReader(rows, text, delivered, Math.min(size, left), left > size);
        return Database.failing(Uni.createFrom().completionStage(() -> turns.take(
                        () -> pool.withTransaction(connection -> read(connection, page, from)))
                .recover(failure -> Future.failedFuture(translated(failure)))
                .toCompletionStage()));
    }

    private static Query parse(String text) {
        try {
            return QueryParser.parse(text);
        } catch (QueryException e) {
            throw refused(e.getMessage());
        }
    }

    private static Rows rows(Query query) {
        return switch (query.source()) {
            case DEVICES, MODULES -> query.isAggregated() ? new FigureRows(query) : new TwinRows(query);
            case JOBS -> new DeviceJobRows(query);
        };
    }

    private Future<Page> read(SqlConnection connection, PageReader page, Optional<PageToken> from) {
        return connection
                .query("set local statement_timeout = " + timeout.toMillis())
                .execute()
                .compose(_ -> page.rows.statement(connection, from.map(PageToken::position), page.wanted()))
                .compose(statement -> connection.prepare(statement.text()).compose(prepared -> {
                    var cursor = prepared.cursor(statement.parameters());
                    return page.read(cursor).eventually(() -> cursor.close()).eventually(() -> prepared.close());
                }));
    }

    private Throwable translated(Throwable failure) {
        return failure instanceof PgException postgres && CANCELED.equals(postgres.getSqlState())
                ? new HubException(
                        HubError.GATEWAY_TIMEOUT,
                        "the query took longer than " + timeout.toSeconds() + " s; ask for fewer twins, by ids or tags",
                        failure)
                : failure;
    }

    static HubException refused(String problem) {
        return new HubException(HubError.ARGUMENT_INVALID, "BadRequest: " + problem);
    }

    /** Gathers a page. It reads one row more than it gives, to know whether one follows. */
    private static final class PageReader {

        private final Rows rows;
        private final String text;
        private final int before;
        private final int size;
        private final boolean mayGoOn;
        private final StringBuilder json = new StringBuilder("[");
        private Optional<Row> last = Optional.empty();
        private int count;
        private boolean over;

        PageReader(Rows rows, String text, int before, int size, boolean mayGoOn) {
            this.rows = rows;
            this.text = text;
            this.before = before;
            this.size = size;
            this.mayGoOn = mayGoOn;
        }

        int wanted() {
            return size + 1;
        }

        Future<Page> read(Cursor cursor) {
            return cursor.read(Math.min(BATCH, wanted())).compose(batch -> {
                for (var row : batch) {
                    take(row);
                }
                return over || !cursor.hasMore() ? Future.succeededFuture(page()) : read(cursor);
            });
        }

        private void take(Row row) {
            if (over) {
                return;
            }
            if (count == size || json.length() > ENOUGH) {
                over = true;
                return;
            }
            json.append(count == 0 ? "" : ",").append(rows.json(row));
            last = Optional.of(row);
            count++;
        }

        private Page page() {
            boolean goesOn = over && (mayGoOn || count < size);
            return new Page(
                    json + "]",
                    rows.itemType(),
                    last.filter(_ -> goesOn).map(row -> new PageToken(rows.position(row), before + count).write(text)));
        }
    }
}
