package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.TwinRules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * What a configuration sets in the desired properties of one twin.
 *
 * @param patches merged into them one after the other; null takes a property away
 * @param isWhole whether it is all that they are to be, as in base deployments of edge devices
 */
record Settings(List<Json.Fields> patches, boolean isWhole) {

    private static final String ROOT = "properties.desired";

    Settings {
        patches = List.copyOf(patches);
    }

    /**
     * Reads members such as {@code "properties.desired.fan.speed": 3}.
     *
     * @param path of the object, as errors name it
     * @throws HubException {@link HubError#INVALID_CONFIGURATION_CONTENT} naming what breaks a rule
     */
    static Settings merged(Json.Fields content, String path) {
        return new Settings(patches(content, path), false);
    }

    /** The same for a module of a deployment, where the key {@code properties.desired} alone means the whole. */
    static Settings deployed(Json.Fields content, String path) {
        return new Settings(patches(content, path), content.members().keySet().equals(Set.of(ROOT)));
    }

    private static List<Json.Fields> patches(Json.Fields content, String path) {
        var patches = content.members().entrySet().stream()
                .map(member -> patch(member.getKey(), member.getValue(), path))
                .toList();
        try {
            patches.forEach(TwinRules.DESIRED::check);
            TwinRules.DESIRED.checkSize(merged(patches, Json.Fields.NONE));
        } catch (HubException e) {
            throw invalid(path, e.getMessage());
        }
        return patches;
    }

    private static Json.Fields patch(String key, Json value, String path) {
        if (key.equals(ROOT)) {
            if (value instanceof Json.Fields fields) {
                return fields;
            }
            throw invalid(path, "'" + ROOT + "' must be an object");
        }
        if (!key.startsWith(ROOT + ".")) {
            throw invalid(
                    path,
                    "the key '" + key + "' is neither '" + ROOT + "' nor begins with '" + ROOT
                            + ".': a configuration sets desired properties only");
        }
        var patch = value;
        for (var name :
                List.of(key.substring(ROOT.length() + 1).split("\\.", -1)).reversed()) {
            patch = Json.Fields.NONE.with(name, patch);
        }
        return (Json.Fields) patch;
    }

    private static HubException invalid(String path, String what) {
        return new HubException(HubError.INVALID_CONFIGURATION_CONTENT, path + ": " + what);
    }

    /** Whether it says nothing of any property. */
    boolean isEmpty() {
        return patches.isEmpty();
    }

    /** The properties with what this sets. */
    Json.Fields appliedTo(Json.Fields desired) {
        return merged(patches, isWhole ? Json.Fields.NONE : desired);
    }

    private static Json.Fields merged(List<Json.Fields> patches, Json.Fields desired) {
        var merged = desired;
        for (var patch : patches) {
            merged = merged.merge(patch);
        }
        return merged;
    }

    /**
     * The properties without those that this sets, whatever their values are now, and without objects that have nothing
     * else in them.
     */
    Json.Fields takenFrom(Json.Fields desired) {
        var left = desired;
        for (var patch : patches) {
            left = without(left, patch);
        }
        return left;
    }

    private static Json.Fields without(Json.Fields desired, Json.Fields settings) {
        var left = new LinkedHashMap<>(desired.members());
        settings.members().forEach((name, set) -> {
            switch (set) {
                case Json.Null() -> {}
                case Json.Fields fields -> {
                    if (left.get(name) instanceof Json.Fields there) {
                        var rest = without(there, fields);
                        if (rest.isEmpty()) {
                            left.remove(name);
                        } else {
                            left.put(name, rest);
                        }
                    }
                }
                case Json.Items _, Json.Text _, Json.Number _, Json.Bool _ -> left.remove(name);
            }
        });
        return new Json.Fields(left);
    }
}
