package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.query.QueryException;
import io.freehub.query.QueryParser;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import java.util.LinkedHashMap;

/** What is wrong with a target condition and with the queries of metrics: a client asks before it writes a configuration. */
final class QueryCheck {

    /** More than a configuration may have: clients may test those of several. */
    private static final int MAX_QUERIES = 20;

    private QueryCheck() {}

    static String answer(Json.Fields body) {
        var condition = body.getIgnoringCase("targetCondition")
                .filter(value -> !(value instanceof Json.Null))
                .map(value -> text(value, "targetCondition"))
                .orElse("");
        var errors = new LinkedHashMap<String, Json>();
        if (body.getIgnoringCase("customMetricQueries").orElse(Json.Fields.NONE) instanceof Json.Fields queries) {
            if (queries.members().size() > MAX_QUERIES) {
                throw new HubException(
                        HubError.ARGUMENT_INVALID,
                        "customMetricQueries has " + queries.members().size() + " queries; at most " + MAX_QUERIES
                                + " are allowed");
            }
            queries.members().forEach((name, query) -> {
                var error = errorOf(() -> QueryParser.parse(text(query, "customMetricQueries." + name)));
                if (!error.isEmpty()) {
                    errors.put(name, new Json.Text(error));
                }
            });
        }
        return JsonText.write(Json.Fields.NONE
                .with("targetConditionError", new Json.Text(errorOf(() -> QueryParser.parseTarget(condition))))
                .with("customMetricQueryErrors", new Json.Fields(errors)));
    }

    private static String errorOf(Runnable parsing) {
        try {
            parsing.run();
            return "";
        } catch (QueryException e) {
            return "Failed to parse query: " + e.getMessage();
        }
    }

    private static String text(Json value, String path) {
        if (value instanceof Json.Text(var text)) {
            return text;
        }
        throw new HubException(HubError.ARGUMENT_INVALID, path + " must be a text");
    }
}
