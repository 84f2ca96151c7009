package io.freehub.model;

import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A name under which readers of the built-in endpoint come. Nothing but the name is kept of it: readers know themselves
 * how far they are.
 *
 * @param name of 50 characters at most; case does not tell two of them apart
 */
public record ConsumerGroup(String name, Instant createdAt) {

    /** The one that is always there; when it was made, the endpoint was. */
    public static final String DEFAULT = "$Default";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9])?");

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when it is no name */
    public ConsumerGroup {
        if (!isDefault(name) && !NAME.matcher(name).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "a consumer group's name has up to 50 letters, digits, '.', '-' and '_', with a letter or digit at"
                            + " both ends");
        }
    }

    /** Whether it is the name of the one that is always there. */
    public static boolean isDefault(String name) {
        return name.equalsIgnoreCase(DEFAULT);
    }

    /** What names are compared by. */
    public static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
