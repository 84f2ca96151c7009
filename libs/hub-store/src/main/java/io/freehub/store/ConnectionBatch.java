package io.freehub.registry.connection;

import io.freehub.model.ConnectionEvent;
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
 * @param gateways the latest life of each gateway that was heard of, in the order of ordinals
 */
record ConnectionBatch(
        Collection<LatestSession> sessions, Collection<Closing> closings, Collection<GatewayLife> gateways) {

    /** An event and where it stands in the log. */
    record Logged(ConnectionEvent event, int partition, long offset) {}

    /** @param offset of the last event that counted */
    record LatestSession(
            IdentityId identity,
            String session,
            GatewayInstance gateway,
            Instant openedAt,
            Optional<Instant> closedAt,
            int partition,
            long offset) {

        private LatestSession closed(Instant at, long offset) {
            return new LatestSession(identity, session, gateway, openedAt, Optional.of(at), partition, offset);
        }
    }

    record Closing(IdentityId identity, String session, Instant at, long offset) {}

    /** @param firstSeen when this life was first heard of, within this run */
    record GatewayLife(GatewayInstance gateway, Instant firstSeen, Instant lastSeen) {

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

    /** @param events in the order of the log, as far as they are of one device */
    static ConnectionBatch of(List<Logged> events) {
        Map<IdentityId, LatestSession> sessions = new TreeMap<>();
        Map<IdentitySession, Closing> closings = new LinkedHashMap<>();
        Map<Integer, GatewayLife> gateways = new TreeMap<>();
        for (var logged : events) {
            var event = logged.event();
            switch (event) {
                case ConnectionEvent.Opened opened ->
                    sessions.put(
                            opened.identity(),
                            new LatestSession(
                                    opened.identity(),
                                    opened.session(),
                                    opened.gateway(),
                                    opened.at(),
                                    Optional.empty(),
                                    logged.partition(),
                                    logged.offset()));
                case ConnectionEvent.Closed closed -> {
                    var latest = sessions.get(closed.identity());
                    if (latest == null) {
                        closings.putIfAbsent(
                                new IdentitySession(closed.identity(), closed.session()),
                                new Closing(closed.identity(), closed.session(), closed.at(), logged.offset()));
                    } else if (latest.session().equals(closed.session())
                            && latest.closedAt().isEmpty()) {
                        sessions.put(closed.identity(), latest.closed(closed.at(), logged.offset()));
                    }
                }
                case ConnectionEvent.Refused _, ConnectionEvent.GatewayAlive _ -> {}
            }
            gateways.merge(
                    event.gateway().ordinal(),
                    new GatewayLife(event.gateway(), event.at(), event.at()),
                    GatewayLife::later);
        }
        return new ConnectionBatch(
                List.copyOf(sessions.values()), List.copyOf(closings.values()), List.copyOf(gateways.values()));
    }
}
