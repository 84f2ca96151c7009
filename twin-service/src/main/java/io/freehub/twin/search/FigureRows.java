package io.freehub.twin.search;

import static java.util.stream.Collectors.joining;

import io.freehub.query.Query;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Rows that stand for several twins each. Every page computes all of them again: it has what is there now. */
final class FigureRows implements Rows {

    private final Query query;
    private final Selection selection;

    FigureRows(Query query) {
        this.query = query;
        this.selection = new Selection(query);
    }

    @Override
    public String itemType() {
        return "Raw";
    }

    @Override
    public Future<Statement> statement(SqlClient client, Optional<Position> after, int limit) {
        return Future.succeededFuture(selection.figures(after.map(Position.AtGroup.class::cast), limit));
    }

    @Override
    public String json(Row row) {
        Map<String, String> json = new LinkedHashMap<>();
        var keys = query.keys();
        for (int i = 0; i < keys.size(); i++) {
            var value = row.getString("item_" + i);
            if (value != null) {
                json.put(JsonText.write(new Json.Text(keys.get(i))), value);
            }
        }
        return json.entrySet().stream()
                .map(member -> member.getKey() + ":" + member.getValue())
                .collect(joining(",", "{", "}"));
    }

    @Override
    public Class<? extends Position> positions() {
        return Position.AtGroup.class;
    }

    @Override
    public Position position(Row row) {
        return query.groupBy().isEmpty()
                ? new Position.AtGroup(0, 0)
                : new Position.AtGroup(row.getLong("hash"), row.getLong("second_hash"));
    }
}
