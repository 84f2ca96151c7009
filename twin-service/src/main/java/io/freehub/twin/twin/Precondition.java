package io.freehub.twin.twin;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Optional;

/**
 * What must hold for a write.
 *
 * @param tag that the twin must have; empty when any will do
 */
record Precondition(Optional<String> tag) {

    /** Reads an {@code If-Match} header: {@code *}, {@code "*"}, {@code tag}, {@code "tag"} or {@code W/"tag"}. */
    static Precondition parse(Optional<String> ifMatch) {
        return new Precondition(ifMatch.map(String::strip)
                .map(Precondition::unquoted)
                .filter(tag -> !tag.isEmpty() && !tag.equals("*")));
    }

    /** @throws HubException {@link HubError#PRECONDITION_FAILED} when this asks for another tag than the current one */
    void check(String current) {
        if (tag.filter(asked -> !asked.equals(current)).isPresent()) {
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
