package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The right of a back end to a link, by tokens of policies that let it connect as a service and that its connection has
 * brought. The link ends when no such token is left, or the policy is gone or has other keys.
 */
final class BackEndRight {

    /** How often is looked whether the policy is still what it was. */
    private static final Duration CHECK = Duration.ofSeconds(2);

    private final LinkEnd link;
    private final List<List<String>> resources;

    private BackEndRight(LinkEnd link, List<List<String>> resources) {
        this.link = link;
        this.resources = resources;
    }

    /** @throws HubException of 401 when there is none */
    static void require(LinkEnd link, Address address) {
        require(link, List.of(address.segments()));
    }

    /**
     * The same, for an address that has several names.
     *
     * @param resources segments behind the host name; a token for one of them is enough
     */
    static void require(LinkEnd link, List<List<String>> resources) {
        var right = new BackEndRight(link, resources);
        right.watch(right.until()
                .orElseThrow(() -> new HubException(
                        HubError.UNAUTHORIZED_ACCESS,
                        "the connection has brought no token of a policy with "
                                + Permission.SERVICE_CONNECT.wireName())));
    }

    private Optional<Instant> until() {
        return link.connection().tokens().serviceUntil(resources);
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
