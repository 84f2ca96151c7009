package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.http.ETag;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is set in the desired properties of all twins that meet a condition.
 *
 * <p>Source: IoT Hub REST API, {@code Configuration}; "automatic device management at scale".
 *
 * @param version counts writes; the entity tag is made of it
 * @param rollout counts the writes that may change which twins have it, or what of it they have
 * @param content never changes
 * @param createdAt tells it from an earlier one of the same id
 */
record Configuration(
        String id,
        long version,
        long rollout,
        Optional<String> schemaVersion,
        Optional<Json.Fields> labels,
        Content content,
        TargetCondition target,
        int priority,
        Map<String, String> metrics,
        Instant createdAt,
        Instant updatedAt) {

    private static final Pattern ID = Pattern.compile("[a-z0-9\\-+%_*!']{1,128}");

    /** The lesser priority first, and of equal ones the older: what comes later prevails. */
    static final Comparator<Configuration> BY_PRIORITY = Comparator.comparingInt(Configuration::priority)
            .thenComparing(Configuration::createdAt)
            .thenComparing(Configuration::id);

    Configuration {
        metrics = Map.copyOf(metrics);
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when no configuration can have this id */
    static String requireId(String id) {
        if (!ID.matcher(id).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "'" + id + "' is no id of a configuration: 1 to 128 lower-case letters, digits and - + % _ * ! '");
        }
        return id;
    }

    /** Whether it can be rolled out. One that cannot leaves twins as they are: see {@link Content.Unknown}. */
    boolean isUnderstood() {
        return !(content instanceof Content.Unknown) && target.target().isPresent();
    }

    /** Bytes of what clients wrote of it. */
    long size() {
        long size = bytes(JsonText.write(content.json())) + bytes(target.text());
        size += labels.map(JsonText::write).map(Configuration::bytes).orElse(0L);
        for (var metric : metrics.entrySet()) {
            size += bytes(metric.getKey()) + bytes(metric.getValue());
        }
        return size;
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    ETag etag() {
        return ETag.of(version);
    }

    /** What the hub counts of this by itself: names and queries. A query without text counts nothing. */
    Map<String, String> systemMetrics() {
        var metrics = new LinkedHashMap<String, String>();
        var applied = "configurations.[[" + id + "]].status = 'Applied'";
        metrics.put("targetedCount", target.query());
        switch (content) {
            case Content.Unknown _ -> {}
            case Content.OfDevices _ -> metrics.put("appliedCount", "select deviceId from devices where " + applied);
            case Content.OfModules _ ->
                metrics.put("appliedCount", "select deviceId, moduleId from devices.modules where " + applied);
            case Content.OfEdge _ -> {
                var agents = "select deviceId from devices.modules where moduleId = '$edgeAgent' and " + applied;
                var current = agents + " and properties.desired.$version = properties.reported.lastDesiredVersion"
                        + " and properties.reported.lastDesiredStatus.code ";
                metrics.put("appliedCount", agents);
                metrics.put("reportedSuccessfulCount", current + "= 200");
                metrics.put("reportedFailedCount", current + "!= 200");
            }
        }
        return metrics;
    }
}
