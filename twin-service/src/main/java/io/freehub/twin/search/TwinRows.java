package io.freehub.twin.search;

import io.freehub.model.IdentityId;
import io.freehub.query.Path;
import io.freehub.query.Query;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Metadata;
import io.freehub.twin.document.Section;
import io.freehub.twin.document.Twin;
import io.freehub.twin.registry.RegisteredIdentity;
import io.freehub.twin.twin.TwinAnswer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Twins, whole or some of their properties: from what was sent, so that numbers are as they were written. */
final class TwinRows implements Rows {

    private static final String COLUMNS = """
            t.id, t.version, t.writes, t.tags, t.desired, t.desired_metadata, t.desired_version,
            t.reported, t.reported_metadata, t.reported_version,
            i.etag, i.status, i.status_reason, %s as status_updated, i.authentication, i.primary_thumbprint,
            i.secondary_thumbprint, i.edge, i.device_scope, i.parent_scopes::text as parent_scopes,
            coalesce(c.model_id, '') as model_id, %s as connected, %s as last_activity,
            (select json_object_agg(n.configuration, json_build_object('status', n.status))::text
             from twin_configuration n where n.id = t.id) as configurations""".formatted(
                    TwinColumns.time("i.status_updated_at"), TwinColumns.CONNECTED, TwinColumns.time("c.opened_at"));

    private final Query query;
    private final Selection selection;

    TwinRows(Query query) {
        this.query = query;
        this.selection = new Selection(query);
    }

    @Override
    public String itemType() {
        return query.selectsAll() ? "Twin" : "Raw";
    }

    @Override
    public Future<Statement> statement(SqlClient client, Optional<Position> after, int limit) {
        return TwinSearch.few(client, selection)
                .map(few -> selection.twins(COLUMNS, few, after.map(Position.AtTwin.class::cast), limit));
    }

    @Override
    public Class<? extends Position> positions() {
        return Position.AtTwin.class;
    }

    @Override
    public Position position(Row row) {
        boolean ordered = query.orderBy().isPresent();
        return new Position.AtTwin(
                IdentityId.parse(row.getString("id")),
                ordered ? Optional.ofNullable(row.getString("order_number")) : Optional.empty(),
                ordered ? Optional.ofNullable(row.getString("order_text")) : Optional.empty());
    }

    @Override
    public String json(Row row) {
        var twin = TwinAnswer.of(IdentityId.parse(row.getString("id")), registered(row), twin(row), beside(row));
        return JsonText.write(query.selectsAll() ? twin : selected(twin));
    }

    private Json.Fields selected(Json.Fields twin) {
        Map<String, Json> json = new LinkedHashMap<>();
        var keys = query.keys();
        for (int i = 0; i < keys.size(); i++) {
            var key = keys.get(i);
            if (query.items().get(i).selected() instanceof Query.Property(var path)) {
                at(path, twin).ifPresent(value -> json.put(key, value));
            }
        }
        return new Json.Fields(json);
    }

    private static Optional<Json> at(Path path, Json json) {
        var value = Optional.of(json);
        for (var step : path.steps()) {
            value = value.flatMap(there -> switch (step) {
                case Path.Name(var name) -> there instanceof Json.Fields fields ? fields.get(name) : Optional.empty();
                case Path.Index(var index) ->
                    there instanceof Json.Items(var items) && index < items.size()
                            ? Optional.of(items.get(index))
                            : Optional.empty();
            });
        }
        return value;
    }

    private static Twin twin(Row row) {
        return new Twin(
                JsonText.readObject(row.getString("tags")),
                section(row, "desired"),
                section(row, "reported"),
                row.getLong("version"),
                row.getLong("writes"));
    }

    private static Section section(Row row, String name) {
        return new Section(
                JsonText.readObject(row.getString(name)),
                Metadata.parse(JsonText.readObject(row.getString(name + "_metadata"))),
                row.getLong(name + "_version"));
    }

    private static TwinAnswer.Beside beside(Row row) {
        return new TwinAnswer.Beside(
                row.getString("model_id"), text(row, "configurations").map(JsonText::readObject));
    }

    /** A twin that was begun a moment ago may not be described yet. */
    private static RegisteredIdentity registered(Row row) {
        return new RegisteredIdentity(
                "",
                text(row, "etag").orElse(""),
                Boolean.TRUE.equals(row.getBoolean("connected")) ? "Connected" : "Disconnected",
                row.getString("last_activity"),
                text(row, "status"),
                text(row, "status_reason"),
                text(row, "status_updated"),
                new RegisteredIdentity.Authentication(
                        text(row, "authentication").orElse("none"),
                        new RegisteredIdentity.Thumbprints(
                                text(row, "primary_thumbprint"), text(row, "secondary_thumbprint"))),
                Optional.ofNullable(row.getBoolean("edge")).map(RegisteredIdentity.Capabilities::new),
                text(row, "device_scope"),
                text(row, "parent_scopes").map(TwinRows::texts));
    }

    private static List<String> texts(String array) {
        return new JsonArray(array).stream().map(String.class::cast).toList();
    }

    private static Optional<String> text(Row row, String column) {
        return Optional.ofNullable(row.getString(column));
    }
}
