package io.freehub.model;

import java.time.Instant;
import java.util.Set;

/**
 * What the token of an identity provider gives its bearer, as the registry tells gateways.
 *
 * @param name of the bearer, for people
 * @param until when the token is over
 */
public record BearerRights(String name, Set<DataAction> actions, Instant until) {

    public BearerRights {
        actions = Set.copyOf(actions);
    }

    /** Whether the bearer may do this at that time. */
    public boolean allows(DataAction action, Instant now) {
        return now.isBefore(until) && actions.contains(action);
    }
}
