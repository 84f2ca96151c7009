package io.freehub.twin.configuration;

import io.freehub.model.IdentityId;
import io.freehub.query.Document;
import io.freehub.query.Path;
import io.freehub.query.Value;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.Twin;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** What a target condition may ask of a twin. */
record TwinProperties(IdentityId identity, Twin twin) implements Document {

    @Override
    public Value at(Path path) {
        return switch (path.root()) {
            case "deviceId" -> only(path, Value.of(identity.device().value()));
            case "moduleId" ->
                identity.module()
                        .map(module -> only(path, Value.of(module.value())))
                        .orElse(Value.UNDEFINED);
            case "tags" -> within(twin.tags(), path.after(1));
            case "properties" ->
                path.startsWith("properties", "reported")
                        ? within(twin.reported().json(), path.after(2))
                        : Value.UNDEFINED;
            default -> Value.UNDEFINED;
        };
    }

    private static Value only(Path path, Value value) {
        return path.steps().size() == 1 ? value : Value.UNDEFINED;
    }

    private static Value within(Json json, List<Path.Step> steps) {
        var found = Optional.of(json);
        for (var step : steps) {
            found = found.flatMap(value -> within(value, step));
        }
        return found.map(TwinProperties::value).orElse(Value.UNDEFINED);
    }

    private static Optional<Json> within(Json json, Path.Step step) {
        return switch (step) {
            case Path.Name(var name) -> json instanceof Json.Fields fields ? fields.get(name) : Optional.empty();
            case Path.Index(var index) ->
                json instanceof Json.Items(var values) && index < values.size()
                        ? Optional.of(values.get(index))
                        : Optional.empty();
        };
    }

    private static Value value(Json json) {
        return switch (json) {
            case Json.Null() -> Value.NULL;
            case Json.Bool(var flag) -> Value.of(flag);
            case Json.Number(var digits) -> new Value.Num(new BigDecimal(digits));
            case Json.Text(var text) -> Value.of(text);
            case Json.Items(var values) ->
                new Value.Array(values.stream().map(TwinProperties::value).toList());
            case Json.Fields(var members) -> {
                var values = new HashMap<String, Value>();
                members.forEach((name, member) -> values.put(name, value(member)));
                yield new Value.Members(values);
            }
        };
    }
}
