package io.freehub.twin.job;

import io.freehub.query.Columns.Column;
import io.freehub.query.Expression;
import io.freehub.query.Path;
import io.freehub.query.SqlTranslation;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds devices by their twins. */
@ApplicationScoped
class DeviceSearch {

    /** Twins that one statement looks at, however few of them fit. */
    private static final int WINDOW = 5_000;

    private static final String TWINS = """
            (select id, version, tags::jsonb as tags,
                    desired::jsonb || jsonb_build_object('$metadata', desired_metadata::jsonb, '$version', desired_version)
                        as desired,
                    reported::jsonb || jsonb_build_object('$metadata', reported_metadata::jsonb, '$version', reported_version)
                        as reported
             from twin where id > $%d and position('/' in id) = 0 order by id limit %d) as twin
            """;

    private final Pool database;

    DeviceSearch(Pool database) {
        this.database = database;
    }

    /** Ids of devices whose twins meet the condition, in the order of ids after this one; fewer than asked when that is all. */
    Uni<List<String>> ids(Optional<Expression> condition, String after, int count) {
        var sql = condition.map(given -> SqlTranslation.of(given, DeviceSearch::column));
        return more(
                sql.map(SqlTranslation::where).orElse("true"),
                sql.map(SqlTranslation::parameters).orElse(List.of()),
                after,
                count,
                List.of());
    }

    private Uni<List<String>> more(String where, List<Object> parameters, String after, int count, List<String> found) {
        var all = new ArrayList<>(parameters);
        all.add(after);
        return database.preparedQuery("select id, (" + where + ") is true as fits from "
                        + TWINS.formatted(all.size(), WINDOW) + " order by id")
                .execute(Tuple.tuple(all))
                .chain(rows -> {
                    var ids = new ArrayList<>(found);
                    var last = after;
                    for (var row : rows) {
                        last = row.getString("id");
                        if (row.getBoolean("fits") && ids.size() < count) {
                            ids.add(last);
                        }
                    }
                    return ids.size() == count || rows.size() < WINDOW
                            ? Uni.createFrom().item(List.copyOf(ids))
                            : more(where, parameters, last, count, ids);
                });
    }

    private static Optional<Column> column(Path path) {
        if (path.startsWith("tags")) {
            return Optional.of(Column.json("tags", path.after(1)));
        }
        if (path.startsWith("properties", "desired")) {
            return Optional.of(Column.json("desired", path.after(2)));
        }
        if (path.startsWith("properties", "reported")) {
            return Optional.of(Column.json("reported", path.after(2)));
        }
        if (path.equals(Path.of("deviceId"))) {
            return Optional.of(Column.text("id"));
        }
        return path.equals(Path.of("version")) ? Optional.of(Column.number("version")) : Optional.empty();
    }
}
