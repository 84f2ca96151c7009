package io.freehub.registry.identity;

import java.util.Optional;

/** What must hold for a change: an {@code If-Match} header, or what an item of a bulk request says instead. */
public sealed interface Precondition {

    /** Nothing was said: a new identity is meant. */
    record Absent() implements Precondition {}

    /** {@code *}: the identity exists. */
    record Exists() implements Precondition {}

    /** The identity has this tag. */
    record Matches(ETag tag) implements Precondition {}

    /** Reads {@code *}, {@code "*"}, {@code tag}, {@code "tag"} or {@code W/"tag"}: clients send all of these. */
    static Precondition parse(Optional<String> ifMatch) {
        return ifMatch.map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(Precondition::unquoted)
                .<Precondition>map(tag -> tag.equals("*") ? new Exists() : new Matches(new ETag(tag)))
                .orElseGet(Absent::new);
    }

    private static String unquoted(String text) {
        var strong = text.startsWith("W/") ? text.substring(2) : text;
        return strong.length() > 1 && strong.startsWith("\"") && strong.endsWith("\"")
                ? strong.substring(1, strong.length() - 1)
                : strong;
    }
}
