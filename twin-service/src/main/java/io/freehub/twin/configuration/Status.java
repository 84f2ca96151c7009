package io.freehub.twin.configuration;

import java.util.Locale;

/** How far a configuration has come with one twin. */
enum Status {
    /** The twin meets the condition, but has not what the configuration sets. */
    TARGETED("Targeted"),
    /** What the configuration sets is in the twin, as far as no other one prevails. */
    APPLIED("Applied");

    private final String wireName;

    Status(String wireName) {
        this.wireName = wireName;
    }

    /** As twins and queries have it. */
    String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for any other text than a {@link #wireName()} */
    static Status valueOfWire(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
