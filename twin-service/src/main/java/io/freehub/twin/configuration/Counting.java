package io.freehub.twin.configuration;

import io.freehub.query.QueryException;
import io.freehub.query.QueryParser;
import io.freehub.store.Database;
import io.freehub.store.Waiting;
import io.freehub.store.Worker;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.search.TwinSearch;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts the metrics of configurations: each is the number of rows of its query. Configurations take turns, one query runs at
 * a time, and the database ends what takes too long.
 */
@ApplicationScoped
class Counting {

    /** Whoever takes it is the only one for an interval: replicas share the work. */
    private static final String TAKE = """
            update configuration set counted_at = now() where id = (
                select id from configuration where counted_at < now() - make_interval(secs => ?)
                order by counted_at limit 1 for update skip locked)
            returning id
            """;

    private static final String LOCK = "select from configuration where id = ? and version = ? for update";
    private static final String CLEAR = "delete from configuration_count where configuration = ?";
    private static final String INSERT =
            "insert into configuration_count (configuration, is_system, metric, result) values (?, ?, ?, ?)";

    private final ConfigurationStore store;
    private final Database database;
    private final Transactions transactions;
    private final TwinSearch search;
    private final TwinConfig.Configurations config;
    private final Worker worker;

    Counting(
            ConfigurationStore store,
            Database database,
            Transactions transactions,
            TwinSearch search,
            TwinConfig config) {
        this.store = store;
        this.database = database;
        this.transactions = transactions;
        this.search = search;
        this.config = config.configurations();
        this.worker =
                new Worker("configuration-counting", () -> countNext() ? Duration.ZERO : this.config.pollInterval());
    }

    void start(@Observes StartupEvent event) {
        worker.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        worker.stop();
    }

    /** Says that there is something to count. */
    void kick() {
        worker.kick();
    }

    boolean isAlive() {
        return worker.isAlive();
    }

    /** False when no configuration is to be counted now. */
    private boolean countNext() throws SQLException {
        var taken = transactions.run(this::take);
        if (taken.isEmpty()) {
            return false;
        }
        var id = taken.get();
        var found = Waiting.forIt(() -> database.read(() -> store.find(id)));
        if (found.isPresent()) {
            var counts = counts(found.get(), Waiting.forIt(() -> database.read(() -> store.counts(Optional.of(id)))));
            transactions.run(connection -> put(connection, found.get(), counts));
        }
        return true;
    }

    private Optional<String> take(Connection connection) throws SQLException {
        try (var update = connection.prepareStatement(TAKE)) {
            update.setDouble(1, config.countInterval().toSeconds());
            try (var rows = update.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private List<Count> counts(Configuration configuration, List<Count> last) {
        var counts = new ArrayList<Count>();
        count(configuration.id(), true, configuration.systemMetrics(), last, counts);
        count(configuration.id(), false, configuration.metrics(), last, counts);
        return counts;
    }

    private void count(
            String configuration, boolean isSystem, Map<String, String> metrics, List<Count> last, List<Count> counts) {
        metrics.forEach(
                (metric, query) -> counts.add(count(new Count(configuration, isSystem, metric, 0), query, last)));
    }

    /** What cannot be counted keeps the result that it had; what is no query counts nothing. */
    private Count count(Count nothing, String query, List<Count> last) {
        try {
            return query.isEmpty() ? nothing : nothing.with(count(query));
        } catch (QueryException e) {
            return nothing;
        } catch (RuntimeException e) {
            Log.warnf(
                    "metric not counted configuration=%s metric=%s reason=%s",
                    nothing.configuration(), nothing.metric(), e);
            return last.stream().filter(nothing::isSameMetric).findFirst().orElse(nothing);
        }
    }

    private long count(String query) {
        var parsed = QueryParser.parse(query);
        return Waiting.forIt(() -> search.count(parsed));
    }

    /** Puts new counts in the place of the last ones; of a configuration that was changed meanwhile they mean nothing. */
    private static boolean put(Connection connection, Configuration configuration, List<Count> counts)
            throws SQLException {
        if (!isStill(connection, configuration)) {
            return false;
        }
        try (var clear = connection.prepareStatement(CLEAR)) {
            clear.setString(1, configuration.id());
            clear.executeUpdate();
        }
        try (var insert = connection.prepareStatement(INSERT)) {
            for (var count : counts) {
                insert.setString(1, count.configuration());
                insert.setBoolean(2, count.isSystem());
                insert.setString(3, count.metric());
                insert.setLong(4, count.result());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        return true;
    }

    private static boolean isStill(Connection connection, Configuration configuration) throws SQLException {
        try (var query = connection.prepareStatement(LOCK)) {
            query.setString(1, configuration.id());
            query.setLong(2, configuration.version());
            try (var rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }
}
