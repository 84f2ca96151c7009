package io.freehub.query;

import io.freehub.query.Path.Name;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The names at the root of twins and job records. They may be written in any case, some in two ways, and with the name of
 * the collection before them; what is below tags and properties is as it is.
 */
final class TwinProperties {

    private static final List<String> OF_TWINS = List.of(
            "deviceId",
            "moduleId",
            "etag",
            "deviceEtag",
            "version",
            "status",
            "statusReason",
            "statusUpdateTime",
            "connectionState",
            "lastActivityTime",
            "cloudToDeviceMessageCount",
            "authenticationType",
            "x509Thumbprint.primaryThumbprint",
            "x509Thumbprint.secondaryThumbprint",
            "modelId",
            "capabilities.iotEdge",
            "deviceScope",
            "parentScopes",
            "tags",
            "properties.desired",
            "properties.reported",
            "configurations");

    private static final List<String> OF_JOBS = List.of(
            "deviceId",
            "jobId",
            "jobType",
            "status",
            "startTimeUtc",
            "endTimeUtc",
            "createdDateTimeUtc",
            "lastUpdatedDateTimeUtc",
            "outcome.deviceMethodResponse.status",
            "outcome.deviceMethodResponse.payload",
            "error.code",
            "error.description");

    private static final Map<List<String>, List<String>> CANONICAL = new HashMap<>();

    static {
        for (var name : Stream.concat(OF_TWINS.stream(), OF_JOBS.stream()).toList()) {
            var steps = List.of(name.split("\\."));
            for (var length = 1; length <= steps.size(); length++) {
                CANONICAL.put(lower(steps.subList(0, length)), steps.subList(0, length));
            }
        }
        CANONICAL.put(List.of("id"), List.of("deviceId"));
        CANONICAL.put(List.of("createdtimeutc"), List.of("createdDateTimeUtc"));
        CANONICAL.put(List.of("lastupdatedtimeutc"), List.of("lastUpdatedDateTimeUtc"));
    }

    private TwinProperties() {}

    /** The path with the root spelled as the record has it, and without the name of the collection. */
    static Path canonical(Path path) {
        var names = names(path);
        var skipped = 0;
        if (names.size() > 1 && names.getFirst().equals("devices")) {
            skipped = names.size() > 2
                            && (names.get(1).equals("modules") || names.get(1).equals("jobs"))
                    ? 2
                    : 1;
        }
        var steps = new ArrayList<>(path.after(skipped));
        for (var length = names.size() - skipped; length > 0; length--) {
            var canonical = CANONICAL.get(names.subList(skipped, skipped + length));
            if (canonical != null) {
                for (var i = 0; i < length; i++) {
                    steps.set(i, new Name(canonical.get(i)));
                }
                break;
            }
        }
        return new Path(steps);
    }

    /** Whether the path, a canonical one, leads into a twin and not into a record of a job. */
    static boolean isOfTwin(Path path) {
        return isRoot(path, OF_TWINS) && !isRoot(path, OF_JOBS);
    }

    private static boolean isRoot(Path path, List<String> names) {
        return names.stream().anyMatch(name -> name.split("\\.")[0].equals(path.root()));
    }

    /** The names that the path begins with, up to the first position, in lower case. */
    private static List<String> names(Path path) {
        return lower(path.steps().stream()
                .takeWhile(Name.class::isInstance)
                .limit(5)
                .map(step -> ((Name) step).name())
                .toList());
    }

    private static List<String> lower(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }
}
