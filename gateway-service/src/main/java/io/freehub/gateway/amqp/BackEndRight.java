package io.freehub.gateway.amqp;

import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The right of a back end to a link, by tokens that its connection has brought: of policies that let it connect as a service, or of
 * an identity provider. The link ends when no such token is left, or the policy is gone or has other keys.
 */
final class BackEndRight {

    /** How often is looked whether the policy is still what it was. */
    private static final Duration CHECK = Duration.ofSeconds(2);

    private final LinkEnd link;
    private final List<List<String>> resources;
    private final Optional<DataAction> action;

    private BackEndRight(LinkEnd link, List<List<String>> resources, Optional<DataAction> action) {
        this.link = link;
        this.resources = resources;
        this.action = action;
    }

    /**
     * By a token of a policy, or by one of the identity provider.
     *
     * @param action what roles must allow
     * @throws HubException of 401 when there is none
     */
    static void require(LinkEnd link, Address address, DataAction action) {
        require(link, List.of(address.segments()), Optional.of(action));
    }

    /**
     * The same for an address that has several names, and by a token of a policy alone: the built-in endpoint is no part of
     * the roles of IoT Hub.
     *
     * @param resources segments behind the host name; a token for one of them is enough
     */
    static void require(LinkEnd link, List<List<String>> resources) {
        require(link, resources, Optional.empty());
    }

    private static void require(LinkEnd link, List<List<String>> resources, Optional<DataAction> action) {
        var right = new BackEndRight(link, resources, action);
        right.watch(right.until()
                .orElseThrow(() -> new HubException(
                        HubError.UNAUTHORIZED_ACCESS,
                        "the connection has brought no token of a policy with "
                                + Permission.SERVICE_CONNECT.wireName()
                                + action.map(needed -> ", or of a role with " + needed.wireName())
                                        .orElse(""))));
    }

    private Optional<Instant> until() {
        var tokens = link.connection().tokens();
        return Stream.of(tokens.serviceUntil(resources), action.flatMap(tokens::bearerUntil))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder());
    }

    private void watch(Instant until) {
        var left = Duration.between(link.connection().hub().clock().instant(), until);
        var pause = left.compareTo(CHECK) < 0 ? left.plusMillis(1) : CHECK;
        link.connection().channel().schedule(this::check, pause);
    }

    private void check() {
        if (link.isEnded() || link.connection().isOver()) {
            return;
        }
        try {
            until().ifPresentOrElse(this::watch, () -> end("the token has expired, or its policy has changed"));
        } catch (HubException e) {
            end(e.getMessage());
        }
    }

    private void end(String why) {
        link.detach(AmqpErrors.condition(AmqpErrors.UNAUTHORIZED, why));
    }
}
