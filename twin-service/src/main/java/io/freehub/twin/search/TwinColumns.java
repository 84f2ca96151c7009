package io.freehub.twin.search;

import io.freehub.query.Columns;
import io.freehub.query.Path;
import io.freehub.query.Query;
import io.freehub.query.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the properties of twins are in the database. A table is joined only for who asks for it: PostgreSQL leaves out a
 * join to a key that nothing is asked of.
 */
final class TwinColumns implements Columns {

    /** What stands after FROM, when {@code twin t} or a selection of it stands before. */
    static final String JOINS = " left join twin_identity i on i.id = t.id and i.generation = t.generation"
            + " left join connection c on c.id = t.id and c.generation = t.generation"
            + " left join gateway g on g.ordinal = c.ordinal";

    /** The session was not closed, its gateway has not been started again since, and has shown lately that it lives. */
    static final String CONNECTED = "(c.closed_at is null and g.incarnation = c.incarnation"
            + " and g.alive_at > now() - interval '30 seconds')";

    private static final String CONNECTION_STATE =
            "(case when " + CONNECTED + " then 'Connected' else 'Disconnected' end)";

    private static final Map<Path, Column> OF_ALL = Map.ofEntries(
            Map.entry(Path.of("etag"), Column.text("encode(int8send(t.writes), 'base64')")),
            Map.entry(Path.of("deviceEtag"), Column.text("i.etag")),
            Map.entry(Path.of("version"), Column.number("t.version")),
            Map.entry(Path.of("status"), Column.text("i.status")),
            Map.entry(Path.of("statusReason"), Column.text("i.status_reason")),
            Map.entry(Path.of("statusUpdateTime"), Column.text(time("i.status_updated_at"))),
            Map.entry(Path.of("connectionState"), Column.text(CONNECTION_STATE).with(new OpenSessions())),
            Map.entry(Path.of("lastActivityTime"), Column.text(time("c.opened_at"))),
            Map.entry(Path.of("cloudToDeviceMessageCount"), Column.number("0")),
            Map.entry(Path.of("authenticationType"), Column.text("i.authentication")),
            Map.entry(
                    Path.of("modelId"), Column.text("coalesce(c.model_id, '')").with(new Models())),
            Map.entry(Path.of("capabilities", "iotEdge"), Column.bool("i.edge")),
            Map.entry(Path.of("deviceScope"), Column.text("i.device_scope")),
            Map.entry(Path.of("properties", "desired", "$version"), Column.number("t.desired_version")),
            Map.entry(Path.of("properties", "reported", "$version"), Column.number("t.reported_version")));

    /** JSON columns, by the path that they are at. The deepest is asked first. */
    private static final List<Json> JSON = List.of(
            new Json("t.tags_json", true, "tags"),
            new Json("t.desired_metadata::jsonb", false, "properties", "desired", "$metadata"),
            new Json("t.reported_metadata::jsonb", false, "properties", "reported", "$metadata"),
            new Json("t.desired_json", true, "properties", "desired"),
            new Json("t.reported_json", true, "properties", "reported"),
            // JSON's null is a value, and a thumbprint that is not there is null.
            new Json(
                    "jsonb_build_object('primaryThumbprint', i.primary_thumbprint,"
                            + " 'secondaryThumbprint', i.secondary_thumbprint)",
                    false,
                    "x509Thumbprint"),
            new Json(
                    "(select jsonb_object_agg(n.configuration, jsonb_build_object('status', n.status))"
                            + " from twin_configuration n where n.id = t.id)",
                    false,
                    "configurations"));

    private final Query.Source source;

    TwinColumns(Query.Source source) {
        this.source = source;
    }

    @Override
    public Optional<Column> of(Path path) {
        boolean modules = source == Query.Source.MODULES;
        if (path.equals(Path.of("deviceId"))) {
            return Optional.of(Column.text(modules ? "t.device_id" : "t.id"));
        }
        if (modules && path.equals(Path.of("moduleId"))) {
            return Optional.of(Column.text("t.module_id"));
        }
        if (path.startsWith("parentScopes")) {
            return Optional.of(
                    Column.indexedJson("i.parent_scopes", path.after(1)).with(new Parents()));
        }
        var column = OF_ALL.get(path);
        return column != null
                ? Optional.of(column)
                : JSON.stream()
                        .filter(json -> path.startsWith(json.at()))
                        .findFirst()
                        .map(json -> json.column(path));
    }

    private record Json(String sql, boolean indexed, String... at) {

        Column column(Path path) {
            var within = path.after(at.length);
            if (indexed) {
                return Column.indexedJson(sql, within);
            }
            var column = Column.json(sql, within);
            return at[0].equals("configurations") ? column.with(new Configurations(within)) : column;
        }
    }

    /** As answers write it. */
    static String time(String column) {
        return "coalesce(to_char(" + column
                + " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), '0001-01-01T00:00:00Z')";
    }

    private static Optional<String> among(String select) {
        return Optional.of("(t.id in (" + select + "))");
    }

    /** Few of many may be connected. */
    private record OpenSessions() implements Index {
        @Override
        public Optional<String> equal(Value value, Parameters parameters) {
            return value.equals(Value.of("Connected"))
                    ? among("select o.id from connection o where o.closed_at is null")
                    : Optional.empty();
        }
    }

    private record Models() implements Index {
        @Override
        public Optional<String> equal(Value value, Parameters parameters) {
            return value instanceof Value.Text(var model) && !model.isEmpty()
                    ? among("select o.id from connection o where o.model_id <> '' and o.model_id = "
                            + parameters.add(model, "text"))
                    : Optional.empty();
        }
    }

    private record Parents() implements Index {
        @Override
        public Optional<String> contains(Value value, Parameters parameters) {
            return value instanceof Value.Text(var scope)
                    ? among("select o.id from twin_identity o where o.parent_scopes ? " + parameters.add(scope, "text"))
                    : Optional.empty();
        }
    }

    /** {@code configurations.[[id]].status}. */
    private record Configurations(List<Path.Step> within) implements Index {

        @Override
        public Optional<String> equal(Value value, Parameters parameters) {
            return within.size() == 2
                            && within.getFirst() instanceof Path.Name(var configuration)
                            && value instanceof Value.Text(var status)
                    ? among("select o.id from twin_configuration o where o.configuration = "
                            + parameters.add(configuration, "text") + " and o.status = "
                            + parameters.add(status, "text"))
                    : Optional.empty();
        }

        @Override
        public Optional<String> defined(Parameters parameters) {
            return !within.isEmpty() && within.getFirst() instanceof Path.Name(var configuration)
                    ? among("select o.id from twin_configuration o where o.configuration = "
                            + parameters.add(configuration, "text"))
                    : Optional.empty();
        }
    }
}
