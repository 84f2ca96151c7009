package io.freehub.twin.configuration;

import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Configurations as back ends read them. What is not set is left out. */
final class ConfigurationAnswer {

    private ConfigurationAnswer() {}

    static String json(Configurations.Found found) {
        return JsonText.write(fields(found));
    }

    static String json(List<Configurations.Found> found) {
        return JsonText.write(new Json.Items(
                found.stream().<Json>map(ConfigurationAnswer::fields).toList()));
    }

    private static Json.Fields fields(Configurations.Found found) {
        var configuration = found.configuration();
        var json = new LinkedHashMap<String, Json>();
        json.put("id", text(configuration.id()));
        configuration.schemaVersion().ifPresent(version -> json.put("schemaVersion", text(version)));
        configuration.labels().ifPresent(labels -> json.put("labels", labels));
        json.put("content", configuration.content().json());
        json.put("targetCondition", text(configuration.target().text()));
        json.put("createdTimeUtc", text(configuration.createdAt().toString()));
        json.put("lastUpdatedTimeUtc", text(configuration.updatedAt().toString()));
        json.put("priority", Json.Number.of(configuration.priority()));
        json.put("systemMetrics", metrics(configuration.systemMetrics(), results(found, true)));
        json.put("metrics", metrics(configuration.metrics(), results(found, false)));
        json.put("etag", text(configuration.etag().value()));
        return new Json.Fields(json);
    }

    private static Map<String, Long> results(Configurations.Found found, boolean system) {
        return found.counts().stream()
                .filter(count -> count.isSystem() == system)
                .collect(Collectors.toMap(Count::metric, Count::result));
    }

    private static Json metrics(Map<String, String> queries, Map<String, Long> results) {
        var counted = new LinkedHashMap<String, Json>();
        var asked = new LinkedHashMap<String, Json>();
        queries.forEach((name, query) -> {
            asked.put(name, text(query));
            if (results.containsKey(name)) {
                counted.put(name, Json.Number.of(results.get(name)));
            }
        });
        return Json.Fields.NONE.with("results", new Json.Fields(counted)).with("queries", new Json.Fields(asked));
    }

    private static Json text(String value) {
        return new Json.Text(value);
    }
}
