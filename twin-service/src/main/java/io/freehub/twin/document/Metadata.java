package io.freehub.twin.document;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * When each member of a section was last written. Objects have a node for each of their members, arrays are one with what
 * is in them.
 */
public record Metadata(Stamp stamp, Map<String, Metadata> members) {

    private static final String LAST_UPDATED = "$lastUpdated";
    private static final String LAST_UPDATED_VERSION = "$lastUpdatedVersion";

    /**
     * When, and for desired properties in which version, something was written.
     *
     * @param at in milliseconds: the Java SDK reads at most three digits of a fraction
     */
    public record Stamp(Instant at, Optional<Long> version) {

        /** Of a section that was never written. */
        public static final Stamp NEVER = new Stamp(Instant.parse("0001-01-01T00:00:00Z"), Optional.empty());
    }

    /** Of a section that was never written. */
    public static final Metadata NEVER = new Metadata(Stamp.NEVER, Map.of());

    public Metadata {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** All of it written at once; what is null was removed and has none. */
    public static Metadata of(Json value, Stamp stamp) {
        return value instanceof Json.Fields fields
                ? new Metadata(stamp, Map.of()).merge(fields, stamp)
                : new Metadata(stamp, Map.of());
    }

    /** After the members in a merge patch, and those that they are in, were written. */
    public Metadata merge(Json.Fields patch, Stamp now) {
        var merged = new LinkedHashMap<>(members);
        patch.members().forEach((name, change) -> {
            switch (change) {
                case Json.Null() -> merged.remove(name);
                case Json.Fields fields -> merged.merge(name, of(fields, now), (there, _) -> there.merge(fields, now));
                case Json.Items _, Json.Text _, Json.Number _, Json.Bool _ -> merged.put(name, of(change, now));
            }
        });
        return new Metadata(now, merged);
    }

    /** As clients read it. No member has such a name as the hub's own entries. */
    public Json.Fields json() {
        var json = new LinkedHashMap<String, Json>();
        json.put(LAST_UPDATED, new Json.Text(stamp.at().toString()));
        stamp.version().ifPresent(version -> json.put(LAST_UPDATED_VERSION, Json.Number.of(version)));
        members.forEach((name, member) -> json.put(name, member.json()));
        return new Json.Fields(json);
    }

    /** Reads what {@link #json} has written. */
    public static Metadata parse(Json.Fields json) {
        var at = (Json.Text) json.get(LAST_UPDATED).orElseThrow();
        var version = json.get(LAST_UPDATED_VERSION).map(number -> Long.valueOf(((Json.Number) number).text()));
        var members = new LinkedHashMap<String, Metadata>();
        json.without(LAST_UPDATED, LAST_UPDATED_VERSION)
                .members()
                .forEach((name, member) -> members.put(name, parse((Json.Fields) member)));
        return new Metadata(new Stamp(Instant.parse(at.value()), version), members);
    }
}
