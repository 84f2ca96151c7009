package io.freehub.service.http;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Optional;

/** What must hold for a change: an {@code If-Match} header, or what an item of a bulk request says instead. */
public sealed interface Precondition {

    /** Nothing was said: where something can be created, it is to be new. */
    record Absent() implements Precondition {}

    /** {@code *}: what is to be changed exists. */
    record Exists() implements Precondition {}

    /** What is to be changed has this tag. */
    record Matches(ETag tag) implements Precondition {}

    /** Reads {@code *}, {@code "*"}, {@code tag}, {@code "tag"} or {@code W/"tag"}: clients send all of these. */
    static Precondition parse(Optional<String> ifMatch) {
        return ifMatch.map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(Precondition::unquoted)
                .<Precondition>map(tag -> tag.equals("*") ? new Exists() : new Matches(new ETag(tag)))
                .orElseGet(Absent::new);
    }

    /** @throws HubException {@link HubError#PRECONDITION_FAILED} when this asks for another tag than the current one */
    default void check(ETag current) {
        if (this instanceof Matches(var tag) && !tag.equals(current)) {
            throw new HubException(HubError.PRECONDITION_FAILED, "PreconditionFailed, ETag may be invalid.");
        }
    }

    private static String unquoted(String text) {
        var strong = text.startsWith("W/") ? text.substring(2) : text;
        return strong.length() > 1 && strong.startsWith("\"") && strong.endsWith("\"")
                ? strong.substring(1, strong.length() - 1)
                : strong;
    }
}
