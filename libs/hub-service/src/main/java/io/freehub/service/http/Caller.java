package io.freehub.service.http;

import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Role;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A back end that an identity provider vouches for.
 *
 * @param name as the provider calls it; for logs and messages, so cut and without control characters
 * @param until when what the provider said is over
 */
public record Caller(String name, Set<Role> roles, Instant until) {

    private static final int MAX_NAME = 128;
    private static final String KEY = Caller.class.getName();

    /** Cuts the name and replaces control characters. */
    public Caller {
        name = name.substring(0, Math.min(name.length(), MAX_NAME)).replaceAll("\\p{Cntrl}", "?");
        roles = Set.copyOf(roles);
    }

    /** Who came with a request; empty when it came with the signature of a policy. */
    public static Optional<Caller> of(RoutingContext request) {
        return Optional.ofNullable(request.get(KEY));
    }

    /** The request is this caller's. */
    void accompany(RoutingContext request) {
        request.put(KEY, this);
    }

    /** What the caller may do. */
    public Set<DataAction> actions() {
        return Arrays.stream(DataAction.values()).filter(this::may).collect(Collectors.toUnmodifiableSet());
    }

    private boolean may(DataAction action) {
        return roles.stream().anyMatch(role -> role.allows(action));
    }

    /**
     * @param claimed values of the roles claim; what is no role of the hub is passed over
     * @param valuesFor the values that give a role
     */
    static Caller of(String name, Collection<String> claimed, Function<Role, List<String>> valuesFor, Instant until) {
        var roles = EnumSet.noneOf(Role.class);
        for (var role : Role.values()) {
            if (valuesFor.apply(role).stream().anyMatch(claimed::contains)) {
                roles.add(role);
            }
        }
        return new Caller(name, roles, until);
    }

    /**
     * Each action may come from another role.
     *
     * @throws HubException {@link HubError#UNAUTHORIZED} in IoT Hub's words when an action is in no role
     */
    void require(DataAction[] actions, String method, RequestPath path) {
        if (!Arrays.stream(actions).allMatch(this::may)) {
            throw new HubException(
                    HubError.UNAUTHORIZED,
                    "Principal %s is not authorized for %s on %s due to no assigned permissions"
                            .formatted(name, method, path.canonical()));
        }
    }
}
