package io.freehub.gateway.amqp;

import io.freehub.gateway.identity.Admission;
import io.freehub.gateway.identity.Proof;
import io.freehub.gateway.identity.Refusals;
import io.freehub.model.AccessPolicy;
import io.freehub.model.BearerRights;
import io.freehub.model.Credentials;
import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.PercentCoding;
import io.freehub.model.Permission;
import io.freehub.model.SasToken;
import io.vertx.core.AsyncResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The tokens that a connection has brought, for itself and for many others. A token counts by what it says itself, whatever
 * name came with it. One that was brought again takes the place of the former.
 */
final class Tokens {

    /** Tokens of policies for different resources. */
    private static final int MAX_OF_POLICIES = 100;

    private static final Duration LONGEST_TIMER = Duration.ofHours(1);

    private final AmqpConnection connection;
    private final AmqpEnvironment hub;
    private final Map<IdentityId, SasToken> ofIdentities = new HashMap<>();
    private final Map<String, SasToken> ofPolicies = new HashMap<>();
    private final Set<Refusals.Held> held = new HashSet<>();

    /** Of those that were shown for single requests, the one that lasts longest: the connection may stay as long. */
    private Optional<SasToken> shown = Optional.empty();

    private Optional<BearerRights> bearer = Optional.empty();
    private boolean bySasl;

    Tokens(AmqpConnection connection, AmqpEnvironment hub) {
        this.connection = connection;
        this.hub = hub;
    }

    /** Why a token does not count. */
    record Refused(HubError error, String reason) {}

    /**
     * Checks a token, and keeps it if it is good; sessions that it covers may go on as long as it lasts.
     *
     * @param answered told once, on this event loop, unless the connection is gone before
     */
    void bring(SasToken token, Consumer<Optional<Refused>> answered) {
        if (token.policy().isPresent()) {
            bringOfPolicy(token, token.policy().get(), answered);
            return;
        }
        var identities = identities(token);
        if (identities.isEmpty()) {
            refuse(
                    "",
                    HubError.UNAUTHORIZED,
                    "the token is for another resource: " + token,
                    why -> answered.accept(Optional.of(why)));
        } else if (!ofIdentities.containsKey(identities.getFirst())
                && ofIdentities.size() >= hub.config().maxIdentities()) {
            answered.accept(Optional.of(new Refused(
                    HubError.QUOTA_EXCEEDED, "more than " + hub.config().maxIdentities() + " identities")));
        } else {
            bringOf(identities, token, answered);
        }
    }

    /** Whom the resource names; the C# SDK encodes ids twice. */
    private static List<IdentityId> identities(SasToken token) {
        var segments = List.of(PercentCoding.decode(token.resource()).split("/"));
        return Stream.of(segments, segments.stream().map(PercentCoding::decode).toList())
                .distinct()
                .map(path -> path.subList(Math.min(1, path.size()), path.size()))
                .filter(path ->
                        path.size() == 2 || path.size() == 4 && path.get(2).equalsIgnoreCase("modules"))
                .filter(path -> path.getFirst().equalsIgnoreCase("devices"))
                .flatMap(path -> identity(path).stream())
                .toList();
    }

    private static Optional<IdentityId> identity(List<String> path) {
        try {
            return Optional.of(IdentityId.parse(path.size() == 2 ? path.get(1) : path.get(1) + "/" + path.get(3)));
        } catch (HubException e) {
            return Optional.empty();
        }
    }

    private void bringOf(List<IdentityId> identities, SasToken token, Consumer<Optional<Refused>> answered) {
        var identity = identities.getFirst();
        if (hub.refusals().isJammed(connection.channel().remoteHost(), identity.toString())) {
            hub.metrics().jammed();
            answered.accept(Optional.of(new Refused(HubError.THROTTLED, "too many attempts failed, try again later")));
            return;
        }
        var deadline = hub.clock().instant().plus(hub.config().admissionTimeout());
        hub.registry()
                .findRecent(identity, deadline)
                .onComplete(found ->
                        connection.channel().executor().execute(() -> decide(identities, token, found, answered)));
    }

    private void decide(
            List<IdentityId> identities,
            SasToken token,
            AsyncResult<Optional<Credentials>> found,
            Consumer<Optional<Refused>> answered) {
        if (connection.isOver()) {
            return;
        }
        if (found.failed()) {
            answered.accept(Optional.of(new Refused(
                    HubError.SERVICE_UNAVAILABLE,
                    "the registry did not answer: " + found.cause().getMessage())));
            return;
        }
        if (found.result().isEmpty() && identities.size() > 1) {
            bringOf(identities.subList(1, identities.size()), token, answered);
            return;
        }
        var identity = identities.getFirst();
        switch (hub.rules()
                .decide(
                        identity,
                        new Proof.Token(token),
                        found.result(),
                        hub.clock().instant())) {
            case Admission.Admitted admitted -> {
                ofIdentities.put(identity, token);
                connection.proved();
                hub.refusals().succeeded(connection.channel().remoteHost(), identity.toString());
                connection.sessions().stream()
                        .filter(session -> session.identity().equals(identity))
                        .forEach(session -> session.renew(admitted.until()));
                answered.accept(Optional.empty());
            }
            case Admission.Refused refused ->
                refuse(
                        identity.toString(),
                        refused.error(),
                        refused.reason(),
                        why -> answered.accept(Optional.of(why)));
        }
    }

    private void bringOfPolicy(SasToken token, String name, Consumer<Optional<Refused>> answered) {
        checkOfPolicy(token, name, refused -> {
            if (refused.isPresent()) {
                answered.accept(refused);
                return;
            }
            ofPolicies.values().removeIf(other -> other.isExpiredAt(hub.clock().instant()));
            if (!ofPolicies.containsKey(token.resource()) && ofPolicies.size() >= MAX_OF_POLICIES) {
                answered.accept(Optional.of(new Refused(HubError.QUOTA_EXCEEDED, "too many tokens")));
                return;
            }
            ofPolicies.put(token.resource(), token);
            renewBy(token);
            answered.accept(Optional.empty());
        });
    }

    /**
     * Has a token of the identity provider checked, and keeps what it gives if it is good; it takes the place of the former.
     *
     * @param answered as in {@link #bring}
     */
    void bringOfProvider(String token, Consumer<Optional<Refused>> answered) {
        var client = "bearer at " + connection.channel().remoteHost().getHostAddress();
        if (hub.refusals().isJammed(connection.channel().remoteHost(), client)) {
            hub.metrics().jammed();
            answered.accept(Optional.of(new Refused(HubError.THROTTLED, "too many attempts failed, try again later")));
            return;
        }
        hub.bearers()
                .find(token)
                .onComplete(found -> connection.channel().executor().execute(() -> {
                    if (connection.isOver()) {
                        return;
                    }
                    if (found.succeeded()) {
                        bearer = Optional.of(found.result());
                        connection.proved();
                        hub.refusals().succeeded(connection.channel().remoteHost(), client);
                        answered.accept(Optional.empty());
                    } else if (found.cause() instanceof HubException refused) {
                        refuse(client, refused.error(), refused.getMessage(), why -> answered.accept(Optional.of(why)));
                    } else {
                        answered.accept(Optional.of(new Refused(
                                HubError.SERVICE_UNAVAILABLE,
                                "the registry did not answer: " + found.cause().getMessage())));
                    }
                    connection.flush();
                }));
    }

    /**
     * Checks a token of a policy that is shown for a single request of a service.
     *
     * @param paths resources that it must be for one of, as in {@link #serviceUntil}
     * @param answered as in {@link #bring}
     */
    void show(SasToken token, List<List<String>> paths, Consumer<Optional<Refused>> answered) {
        checkOfPolicy(token, token.policy().orElse(""), refused -> {
            if (refused.isEmpty() && !(isOfService(token) && isForAny(token, paths))) {
                answered.accept(Optional.of(new Refused(
                        HubError.UNAUTHORIZED_ACCESS,
                        "the token is for something else, or its policy lacks "
                                + Permission.SERVICE_CONNECT.wireName())));
                return;
            }
            if (refused.isEmpty()
                    && shown.filter(other -> other.expiry().isAfter(token.expiry()))
                            .isEmpty()) {
                shown = Optional.of(token);
            }
            answered.accept(refused);
        });
    }

    private void checkOfPolicy(SasToken token, String name, Consumer<Optional<Refused>> answered) {
        // No identity has such a name; the failures of all policies from an address count together, and nobody else's.
        var client = "policy at " + connection.channel().remoteHost().getHostAddress();
        if (hub.refusals().isJammed(connection.channel().remoteHost(), client)) {
            hub.metrics().jammed();
            answered.accept(Optional.of(new Refused(HubError.THROTTLED, "too many attempts failed, try again later")));
            return;
        }
        try {
            checkPolicy(token, hub.policies().find(name));
        } catch (HubException e) {
            refuse(client, e.error(), e.getMessage(), why -> answered.accept(Optional.of(why)));
            return;
        }
        connection.proved();
        hub.refusals().succeeded(connection.channel().remoteHost(), client);
        answered.accept(Optional.empty());
    }

    private void checkPolicy(SasToken token, Optional<AccessPolicy> policy) {
        if (policy.isEmpty() || !isSignedBy(token, policy.get())) {
            throw new HubException(HubError.UNAUTHORIZED, "the token is signed with no key of a policy of its name");
        }
        if (token.isExpiredAt(hub.clock().instant())) {
            throw new HubException(HubError.UNAUTHORIZED, "the token expired at " + token.expiry());
        }
    }

    /** SDKs of Event Hubs sign with the text of the key, those of IoT Hub with what it stands for. */
    private static boolean isSignedBy(SasToken token, AccessPolicy policy) {
        return token.isSignedBy(policy.keys()) || token.isSignedByTextOf(policy.keys());
    }

    private void renewBy(SasToken token) {
        for (var session : connection.sessions()) {
            if (session.isByPolicy() && covers(token, session.identity())) {
                var decision = hub.rules()
                        .decide(
                                session.identity(),
                                new Proof.Token(token),
                                Optional.of(session.admitted().credentials()),
                                hub.clock().instant());
                if (decision instanceof Admission.Admitted admitted) {
                    session.renew(admitted.until());
                }
            }
        }
    }

    /** The token to show for the identity: its own, or one of a policy that covers it. */
    Optional<SasToken> of(IdentityId identity) {
        var now = hub.clock().instant();
        return Optional.ofNullable(ofIdentities.get(identity))
                .filter(token -> !token.isExpiredAt(now))
                .or(() -> ofPolicies.values().stream()
                        .filter(token -> !token.isExpiredAt(now) && covers(token, identity))
                        .findFirst());
    }

    private boolean covers(SasToken token, IdentityId identity) {
        return covers(token, identity.path());
    }

    private boolean covers(SasToken token, List<String> path) {
        return hub.hosts().stream().anyMatch(host -> token.covers(host, path));
    }

    /**
     * Until when tokens of policies let their bearer in as a service, to one of these resources; empty when none does. A
     * policy that is gone, or has other keys by now, lets nobody in.
     *
     * @param paths segments behind the host name
     */
    Optional<Instant> serviceUntil(List<List<String>> paths) {
        var now = hub.clock().instant();
        return ofPolicies.values().stream()
                .filter(token -> !token.isExpiredAt(now))
                .filter(token -> isForAny(token, paths))
                .filter(this::isOfService)
                .map(token -> token.expiry().plus(SasToken.CLOCK_SKEW))
                .max(Comparator.naturalOrder());
    }

    /** Until when a token of the identity provider lets its bearer do this; empty when none does. */
    Optional<Instant> bearerUntil(DataAction action) {
        return bearer.filter(rights -> rights.allows(action, hub.clock().instant()))
                .map(BearerRights::until);
    }

    private boolean isForAny(SasToken token, List<List<String>> paths) {
        var scope = ServiceScope.of(token.resource());
        return paths.stream().anyMatch(path -> scope.covers(hub.hosts(), path));
    }

    private boolean isOfService(SasToken token) {
        return token.policy()
                .flatMap(hub.policies()::find)
                .filter(policy -> policy.allows(Permission.SERVICE_CONNECT) && isSignedBy(token, policy))
                .isPresent();
    }

    /** Whether any token is still good. */
    boolean isAny() {
        var now = hub.clock().instant();
        return Stream.of(ofIdentities.values().stream(), ofPolicies.values().stream(), shown.stream())
                        .flatMap(tokens -> tokens)
                        .anyMatch(token -> !token.isExpiredAt(now))
                || bearer.filter(rights -> now.isBefore(rights.until())).isPresent();
    }

    /** Whether the connection came with its token. */
    boolean isBySasl() {
        return bySasl;
    }

    /** The connection ends when the token does: nobody can bring another. */
    void endWith(SasToken token) {
        bySasl = true;
        var left = Duration.between(hub.clock().instant(), token.expiry().plus(SasToken.CLOCK_SKEW));
        if (left.isNegative()) {
            connection.close(
                    AmqpErrors.condition(AmqpErrors.UNAUTHORIZED, "Token Invalid: the token expired"),
                    "the token expired");
        } else {
            connection
                    .channel()
                    .schedule(
                            () -> endWith(token),
                            (left.compareTo(LONGEST_TIMER) < 0 ? left : LONGEST_TIMER).plusMillis(1));
        }
    }

    /**
     * Notes a failed attempt, of which the client is told the later the more of them there were.
     *
     * @param client whose identity it was; empty when it named none
     * @param answer tells the client, unless the connection is gone before
     */
    void refuse(String client, HubError error, String reason, Consumer<Refused> answer) {
        connection.refused(client, error, reason);
        var refused = new Refused(error, reason);
        var refusal = hub.refusals().failed(connection.channel().remoteHost(), client);
        held.add(refusal);
        Runnable answered = () -> {
            if (held.remove(refusal)) {
                refusal.release();
                answer.accept(refused);
                connection.flush();
            }
        };
        if (refusal.time().isZero()) {
            answered.run();
        } else {
            connection.channel().schedule(answered, refusal.time());
        }
    }

    /** The connection is gone. */
    void gone() {
        held.forEach(Refusals.Held::release);
        held.clear();
    }
}
