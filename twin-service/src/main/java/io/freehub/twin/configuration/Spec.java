package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a client writes of a configuration. Clients send back whole configurations: what only the hub writes is passed over
 * unread.
 */
record Spec(
        Optional<String> schemaVersion,
        Optional<Json.Fields> labels,
        Content content,
        TargetCondition target,
        int priority,
        Map<String, String> metrics) {

    /** Bytes that labels and metrics may have as JSON. */
    private static final int MAX_EXTRAS = 32 << 10;

    private static final int MAX_METRICS = 5;
    private static final int MAX_TEXT = 8192;

    Spec {
        metrics = Map.copyOf(metrics);
    }

    /** @throws HubException naming what breaks a rule */
    static Spec parse(String id, Json.Fields body) {
        text(body, "id", "id").filter(named -> !named.equals(id)).ifPresent(named -> {
            throw invalid("the body names the configuration '" + named + "', the path '" + id + "'");
        });
        var content = Content.parse(object(body, "content", "content")
                .orElseThrow(() -> new HubException(HubError.INVALID_CONFIGURATION_CONTENT, "content is missing")));
        var target = TargetCondition.parse(
                text(body, "targetCondition", "targetCondition").orElse(""));
        target.requireFits(content);
        var spec = new Spec(
                text(body, "schemaVersion", "schemaVersion"),
                object(body, "labels", "labels").map(Spec::labels),
                content,
                target,
                priority(body),
                metrics(body));
        int extras = size(spec.labels().orElse(Json.Fields.NONE))
                + spec.schemaVersion().orElse("").length();
        if (extras > MAX_EXTRAS) {
            throw invalid("labels have " + extras + " bytes; at most " + MAX_EXTRAS + " are allowed");
        }
        return spec;
    }

    private static Json.Fields labels(Json.Fields labels) {
        labels.members().forEach((name, value) -> {
            if (!(value instanceof Json.Text)) {
                throw invalid("labels." + name + " must be a text");
            }
        });
        return labels;
    }

    private static int priority(Json.Fields body) {
        return body.getIgnoringCase("priority")
                .filter(value -> !(value instanceof Json.Null))
                .map(value -> {
                    if (value instanceof Json.Number(var digits) && digits.matches("[0-9]{1,9}")) {
                        return Integer.parseInt(digits);
                    }
                    throw invalid("priority must be an integer from 0 to 999999999");
                })
                .orElse(0);
    }

    private static Map<String, String> metrics(Json.Fields body) {
        var queries = object(body, "metrics", "metrics")
                .flatMap(metrics -> object(metrics, "queries", "metrics.queries"))
                .orElse(Json.Fields.NONE);
        if (queries.members().size() > MAX_METRICS) {
            throw invalid("metrics.queries has " + queries.members().size() + " queries; at most " + MAX_METRICS
                    + " are allowed");
        }
        var metrics = new LinkedHashMap<String, String>();
        queries.members().forEach((name, value) -> {
            if (!(value instanceof Json.Text(var query)) || query.length() > MAX_TEXT || name.length() > MAX_TEXT) {
                throw invalid("metrics.queries." + name + " must be a text of at most " + MAX_TEXT + " characters");
            }
            metrics.put(storable(name, "the name of a metric"), query);
        });
        return metrics;
    }

    private static Optional<String> text(Json.Fields in, String name, String path) {
        return in.getIgnoringCase(name).flatMap(value -> switch (value) {
            case Json.Null() -> Optional.empty();
            case Json.Text(var text) -> Optional.of(storable(text, path));
            case Json.Fields _, Json.Items _, Json.Number _, Json.Bool _ -> throw invalid(path + " must be a text");
        });
    }

    /** PostgreSQL has no texts with this character in them. */
    private static String storable(String text, String path) {
        if (text.indexOf('\0') >= 0) {
            throw invalid(path + " must not have the character U+0000 in it");
        }
        return text;
    }

    private static Optional<Json.Fields> object(Json.Fields in, String name, String path) {
        return in.getIgnoringCase(name).flatMap(value -> switch (value) {
            case Json.Null() -> Optional.empty();
            case Json.Fields fields -> Optional.of(fields);
            case Json.Text _, Json.Items _, Json.Number _, Json.Bool _ -> throw invalid(path + " must be an object");
        });
    }

    private static int size(Json json) {
        return JsonText.write(json).getBytes(StandardCharsets.UTF_8).length;
    }

    private static HubException invalid(String what) {
        return new HubException(HubError.ARGUMENT_INVALID, what);
    }
}
