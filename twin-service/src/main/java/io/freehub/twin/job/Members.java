package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.twin.document.Json;
import java.util.Map;
import java.util.Optional;

/** Members of a JSON object as IoT Hub reads them: names in any case, null is as none. */
record Members(Json.Fields json) {

    static Members of(Json.Fields json) {
        return new Members(json);
    }

    Optional<Json> get(String name) {
        return json.members().entrySet().stream()
                .filter(member -> member.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .filter(value -> !(value instanceof Json.Null))
                .findFirst();
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when it is no string */
    Optional<String> text(String name) {
        return get(name).map(value -> switch (value) {
            case Json.Text(var text) -> text;
            case Json.Fields _, Json.Items _, Json.Number _, Json.Bool _, Json.Null _ -> throw wrong(name, "a string");
        });
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when it is no integer, nor a string of one */
    Optional<Long> integer(String name) {
        return get(name).map(value -> switch (value) {
            case Json.Number(var text) -> parse(name, text);
            case Json.Text(var text) -> parse(name, text.strip());
            case Json.Fields _, Json.Items _, Json.Bool _, Json.Null _ -> throw wrong(name, "an integer");
        });
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when it is no object */
    Optional<Json.Fields> object(String name) {
        return get(name).map(value -> switch (value) {
            case Json.Fields fields -> fields;
            case Json.Items _, Json.Text _, Json.Number _, Json.Bool _, Json.Null _ -> throw wrong(name, "an object");
        });
    }

    private static long parse(String name, String text) {
        try {
            // Some clients write integers as 3600.0.
            return text.endsWith(".0") ? Long.parseLong(text, 0, text.length() - 2, 10) : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong(name, "an integer");
        }
    }

    private static HubException wrong(String name, String expected) {
        return new HubException(HubError.ARGUMENT_INVALID, name + " must be " + expected);
    }
}
