package io.freehub.query;

import java.util.Optional;

/** What a configuration aims at, as {@link QueryParser#parseTarget} reads it. */
public sealed interface Target {

    /** No twin. */
    record Nothing() implements Target {}

    /**
     * Twins of one kind.
     *
     * @param source devices or modules
     * @param where which of them; empty for all
     */
    record Twins(Query.Source source, Optional<Expression> where) implements Target {}

    /**
     * What is wrong with asking for the property. Desired properties are what a configuration writes, and what else is
     * known of a device changes without a reason to apply another configuration.
     */
    static Optional<String> refusal(Query.Source source, Path path) {
        boolean allowed = path.startsWith("tags")
                || path.startsWith("properties", "reported")
                || path.equals(Path.of("deviceId"))
                || source == Query.Source.MODULES && path.equals(Path.of("moduleId"));
        return allowed
                ? Optional.empty()
                : Optional.of("a target condition may name "
                        + (source == Query.Source.MODULES ? "deviceId, moduleId" : "deviceId")
                        + ", tags and properties.reported, not " + QueryParser.shown(path.text()));
    }
}
