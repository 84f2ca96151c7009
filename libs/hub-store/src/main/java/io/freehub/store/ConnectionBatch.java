package io.freehub.store;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.ConnectionEvent.SubscriptionsKept;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run of connection events comes to. Of one identity the session opened last in the log counts, whatever the clocks
 * say, and only its own end closes it.
 *
 * @param sessions the last that was opened of each identity, in the order of ids
 * @param closings of sessions that were opened before this run
 * @param subscriptions what was last said of each identity that anything was said of, in the order of ids
 * @param gateways the latest life of each gateway that was heard of, in the order of ordinals
 */
public record ConnectionBatch(
        Collection<LatestSession> sessions,
        Collection<Closing> closings,
        Collection<SubscriptionsKept> subscriptions,
        Collection<GatewayLife> gateways) {

    /** An event and where it stands in the log. */
    public record Logged(ConnectionEvent event, int partition, long offset) {}

    /**
     * The session that counts.
     *
     * @param offset of the last event that counted
     */
    public record LatestSession(ConnectionEvent.Opened opened, Optional<Instant> closedAt, int partition, long offset) {

        private LatestSession closed(Instant at, long offset) {
            return new LatestSession(opened, Optional.of(at), partition, offset);
        }
    }

    /** The end of a session. */
    public record Closing(IdentityId identity, String session, Instant at, long offset) {}

    /**
     * A life of a gateway.
     *
     * @param firstSeen when this life was first heard of, within this run
     */
    public record GatewayLife(GatewayInstance gateway, Instant firstSeen, Instant lastSeen) {

        private GatewayLife later(GatewayLife other) {
            if (gateway.incarnation() != other.gateway.incarnation()) {
                return gateway.incarnation() > other.gateway.incarnation() ? this : other;
            }
            return new GatewayLife(
                    gateway,
                    firstSeen.isBefore(other.firstSeen) ? firstSeen : other.firstSeen,
                    lastSeen.isAfter(other.lastSeen) ? lastSeen : other.lastSeen);
        }
    }

    private record IdentitySession(IdentityId identity, String session) {}

    /**
     * Sums up events.
     *
     * @param events in the order of the log, as far as they are of one device
     */
    public static ConnectionBatch of(List<Logged> events) {
        Map<IdentityId, LatestSession> sessions = new TreeMap<>();
        Map<IdentitySession, Closing> closings = new LinkedHashMap<>();
        Map<IdentityId, SubscriptionsKept> subscriptions = new TreeMap<>();
        Map<Integer, GatewayLife> gateways = new TreeMap<>();
        for (var logged : events) {
            var event = logged.event();
            switch (event) {
                case ConnectionEvent.Opened opened ->
                    sessions.put(
                            opened.identity(),
                            new LatestSession(opened, Optional.empty(), logged.partition(), logged.offset()));
                case ConnectionEvent.Closed closed -> {
                    var latest = sessions.get(closed.identity());
                    if (latest == null) {
                        // The last word is that of the gateway, after what was told for it.
                        closings.put(
                                new IdentitySession(closed.identity(), closed.session()),
                                new Closing(closed.identity(), closed.session(), closed.at(), logged.offset()));
                    } else if (latest.opened().session().equals(closed.session())
                            && latest.closedAt().isEmpty()) {
                        sessions.put(closed.identity(), latest.closed(closed.at(), logged.offset()));
                    }
                }
                case SubscriptionsKept kept -> subscriptions.put(kept.identity(), kept);
                case ConnectionEvent.Refused _, ConnectionEvent.GatewayAlive _ -> {}
            }
            // Others may have told of the end of a session, when its gateway could not.
            if (!(event instanceof ConnectionEvent.Closed)) {
                gateways.merge(
                        event.gateway().ordinal(),
                        new GatewayLife(event.gateway(), event.at(), event.at()),
                        GatewayLife::later);
            }
        }
        return new ConnectionBatch(
                List.copyOf(sessions.values()),
                List.copyOf(closings.values()),
                List.copyOf(subscriptions.values()),
                List.copyOf(gateways.values()));
    }
}
