package io.freehub.twin.configuration;

import io.freehub.model.HubException;
import io.freehub.query.QueryException;
import io.freehub.query.QueryParser;
import io.freehub.store.Database;
import io.freehub.twin.search.TwinSearch;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Counts the metrics of configurations: each is the number of rows of its query. */
@ApplicationScoped
class Counting {

    private final ConfigurationStore store;
    private final Database database;
    private final TwinSearch search;

    Counting(ConfigurationStore store, Database database, TwinSearch search) {
        this.store = store;
        this.database = database;
        this.search = search;
    }

    /** Counts all, one query after the other. What cannot be counted now keeps the result that it had. */
    void countAll() {
        var last = Waiting.forIt(() -> database.read(() -> store.counts(Optional.empty())));
        for (var configuration : Waiting.forIt(() -> database.read(store::all))) {
            var counts = new ArrayList<Count>();
            configuration
                    .systemMetrics()
                    .forEach((metric, query) ->
                            counts.add(count(new Count(configuration.id(), true, metric, 0), query, last)));
            configuration
                    .metrics()
                    .forEach((metric, query) ->
                            counts.add(count(new Count(configuration.id(), false, metric, 0), query, last)));
            Waiting.forIt(() -> database.write(() -> store.put(configuration.id(), counts)));
        }
    }

    private Count count(Count nothing, String query, List<Count> last) {
        try {
            return query.isEmpty() ? nothing : nothing.with(count(query));
        } catch (QueryException e) {
            return nothing;
        } catch (HubException e) {
            Log.warnf(
                    "metric not counted configuration=%s metric=%s reason=%s",
                    nothing.configuration(), nothing.metric(), e.getMessage());
            return last.stream().filter(nothing::isSameMetric).findFirst().orElse(nothing);
        }
    }

    private long count(String query) {
        var parsed = QueryParser.parse(query);
        return Waiting.forIt(() -> search.count(parsed));
    }
}
