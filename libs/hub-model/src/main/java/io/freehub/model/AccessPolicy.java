package io.freehub.model;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * A shared access policy: a name, two keys and what they allow. Name: 1 to 64 letters, digits and {@code _ - @ .}; one
 * that starts with {@code $} belongs to the hub itself and is neither listed nor changed by clients.
 *
 * <p>Source: IoT Hub, "control access with shared access signatures".
 */
public record AccessPolicy(String name, SymmetricKeys keys, Set<Permission> permissions) {

    /** Signs what the services ask of each other. Clients can neither see nor make it: their names have no {@code $}. */
    public static final String INTERNAL = "$freehub";

    private static final Pattern SYNTAX = Pattern.compile("\\$?[A-Za-z0-9_\\-@.]{1,64}");

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the name is none */
    public AccessPolicy {
        name = requireName(name);
        permissions = Set.copyOf(permissions);
    }

    /**
     * The name, when it is one.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when it is none
     */
    public static String requireName(String name) {
        if (!SYNTAX.matcher(name).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "policy name '" + Texts.shown(name) + "' is not 1 to 64 of A-Z a-z 0-9 _ - @ .");
        }
        return name;
    }

    /** Whether a policy of this name belongs to the hub itself. */
    public static boolean isHubsOwn(String name) {
        return name.startsWith("$");
    }

    /** Whether the policy allows what needs this permission. */
    public boolean allows(Permission needed) {
        return needed.isIn(permissions);
    }
}
