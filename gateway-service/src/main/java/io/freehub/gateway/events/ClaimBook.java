package io.freehub.gateway.events;

import io.freehub.model.EventClaim;
import io.freehub.model.GatewayInstance;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The claims of receivers that count, by the order of the log: whoever has read as far says the same. A receiver with an
 * epoch reads alone, until one of its own or a higher epoch comes.
 *
 * <p>Source: Event Hubs, "event consumers", and the texts of the errors that its SDKs show.
 */
final class ClaimBook {

    /** Receivers without an epoch that one partition has for a consumer group. */
    static final int MOST = 5;

    private final Map<String, EventClaim.Made> claims = new LinkedHashMap<>();
    private final Map<Integer, Long> incarnations = new HashMap<>();

    /** What becomes of a claim. */
    sealed interface Verdict {

        /** It counts; those that counted until now do so no longer. */
        record Granted(List<EventClaim.Made> displaced) implements Verdict {}

        record Refused(HubException why) implements Verdict {}
    }

    /** A claim came. */
    Verdict made(EventClaim.Made claim) {
        if (isOver(claim.gateway())) {
            return new Verdict.Refused(
                    new HubException(HubError.SERVICE_UNAVAILABLE, "the gateway has been started again"));
        }
        var beside = beside(claim);
        var highest = beside.stream().flatMap(other -> other.epoch().stream()).max(Long::compare);
        if (claim.epoch().isPresent()) {
            if (highest.isPresent() && highest.get() > claim.epoch().get()) {
                return new Verdict.Refused(lower(claim, highest.get()));
            }
            beside.forEach(other -> claims.remove(other.key()));
            claims.put(claim.key(), claim);
            return new Verdict.Granted(beside);
        }
        if (highest.isPresent()) {
            return new Verdict.Refused(without(highest.get()));
        }
        if (beside.size() >= MOST) {
            return new Verdict.Refused(tooMany(beside));
        }
        claims.put(claim.key(), claim);
        return new Verdict.Granted(List.of());
    }

    /** The claim of this key has ended; whether it counted. */
    boolean ended(String key) {
        return claims.remove(key) != null;
    }

    /** A gateway lives; what its earlier incarnations claimed, and counts no longer. */
    List<EventClaim.Made> alive(GatewayInstance gateway) {
        incarnations.merge(gateway.ordinal(), gateway.incarnation(), Math::max);
        var over = claims.values().stream()
                .filter(claim -> isOver(claim.gateway()))
                .toList();
        over.forEach(claim -> claims.remove(claim.key()));
        return over;
    }

    private boolean isOver(GatewayInstance gateway) {
        return gateway.incarnation() < incarnations.getOrDefault(gateway.ordinal(), Long.MIN_VALUE);
    }

    /** Those that count for the same partition and group. */
    List<EventClaim.Made> beside(EventClaim.Made claim) {
        return claims.values().stream().filter(claim::isBeside).toList();
    }

    /** What a receiver hears that counted until this one came. */
    static HubException displaced(EventClaim.Made old, EventClaim.Made by) {
        return new HubException(
                HubError.DISPLACED_BY_NEW_CONNECTION,
                ("New receiver '%s' with higher epoch of '%s' is created hence current receiver '%s' with epoch '%s' is"
                                + " getting disconnected. If you are recreating the receiver, make sure a higher epoch is"
                                + " used.")
                        .formatted(by.name(), epoch(by), old.name(), epoch(old)));
    }

    private static HubException lower(EventClaim.Made claim, long current) {
        return new HubException(
                HubError.DISPLACED_BY_NEW_CONNECTION,
                ("A receiver with a higher epoch of '%d' already exists. Receiver '%s' with epoch '%s' cannot be"
                                + " created. Make sure you are creating receiver with increasing epoch value to ensure"
                                + " connectivity, or ensure all old epoch receivers are closed or disconnected.")
                        .formatted(current, claim.name(), epoch(claim)));
    }

    private static HubException without(long current) {
        return new HubException(
                HubError.DISPLACED_BY_NEW_CONNECTION,
                ("At least one receiver for the endpoint is created with epoch of '%d', and so non-epoch receiver is not"
                                + " allowed. Either reconnect with a higher epoch, or make sure all epoch receivers are"
                                + " closed or disconnected.")
                        .formatted(current));
    }

    private static HubException tooMany(List<EventClaim.Made> beside) {
        return new HubException(
                HubError.QUOTA_EXCEEDED,
                "Exceeded the maximum number of allowed receivers per partition in a consumer group which is " + MOST
                        + ". List of connected receivers - "
                        + beside.stream().map(EventClaim.Made::name).collect(Collectors.joining(", ")));
    }

    private static String epoch(EventClaim.Made claim) {
        return claim.epoch().map(Object::toString).orElse("none");
    }
}
