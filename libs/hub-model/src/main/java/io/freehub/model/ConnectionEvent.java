package io.freehub.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What happened to the connections of a gateway. Of the sessions of one identity the one whose {@link Opened} stands last
 * in the topic is the valid one: the log's order decides, not the clocks of the gateways.
 */
public sealed interface ConnectionEvent {

    GatewayInstance gateway();

    Instant at();

    /**
     * A device or module connected; {@code session} is unique in the hub and sorts by time.
     *
     * @param generationId which life of the id this is; empty in events of earlier versions
     * @param modelId of IoT Plug and Play, if the client announced one
     */
    record Opened(
            IdentityId identity,
            String session,
            Optional<String> generationId,
            Optional<String> modelId,
            GatewayInstance gateway,
            Instant at)
            implements ConnectionEvent {

        /** Of a client of which no more is known. */
        public Opened(IdentityId identity, String session, GatewayInstance gateway, Instant at) {
            this(identity, session, Optional.empty(), Optional.empty(), gateway, at);
        }
    }

    /** The session ended; told by another than its gateway when that cannot. */
    record Closed(IdentityId identity, String session, GatewayInstance gateway, String reason, Instant at)
            implements ConnectionEvent {}

    /**
     * Somebody failed to connect as this identity, which need not exist. Told of once a minute of one identity.
     *
     * @param reason what was wrong, for people
     * @param from address of the client
     */
    record Refused(IdentityId identity, HubError error, String reason, String from, GatewayInstance gateway, Instant at)
            implements ConnectionEvent {}

    /**
     * A client that keeps its session (clean session 0, MQTT 3.1.1, section 3.1.2.4) has other subscriptions than before; or
     * one that keeps none has connected. Counts until the next of its kind, whichever session is open.
     *
     * @param subscriptions what it hears when it comes back
     */
    record SubscriptionsKept(
            IdentityId identity, String session, KeptSubscriptions subscriptions, GatewayInstance gateway, Instant at)
            implements ConnectionEvent {}

    /** The gateway lives; sessions of its earlier incarnations do not. Sent at its start and every few seconds. */
    record GatewayAlive(GatewayInstance gateway, Instant at) implements ConnectionEvent {}
}
