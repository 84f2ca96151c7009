package io.freehub.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Every Kafka topic of the hub; nothing else spells a topic's name. Values are JSON of the record type, but for
 * {@code byte[]}: those are payloads of devices, untouched.
 *
 * @param partitions how many a new topic gets; never changed afterwards, since the order per device hangs on it, but for
 *     {@link #DOWNLINK} and {@link #METHOD_REPLIES}
 * @param retention how long records stay; empty for a compacted topic, which keeps the last record of each key
 */
public record Topic<V>(String name, Class<V> value, int partitions, Optional<Duration> retention) {

    /**
     * Messages of devices as they came, keyed by device id, with the headers of {@link TelemetryHeaders}. Written by
     * gateways; read by router-service.
     */
    public static final Topic<byte[]> TELEMETRY = kept("hub.telemetry", byte[].class, 4, Duration.ofDays(1));

    /**
     * The built-in endpoint: messages keyed by device id, with the headers of {@link EventHeaders}. A partition is a
     * partition of the Event Hubs-compatible endpoint, an offset its sequence number. Written by router-service; read
     * by back ends.
     */
    public static final Topic<byte[]> EVENTS = kept("hub.events", byte[].class, 4, Duration.ofDays(1));

    /**
     * Sessions of devices, keyed by device id, and gateways, keyed by ordinal. Written and read by gateways; written by
     * command-service for gateways that are gone; read by it, registry-service and twin-service.
     */
    public static final Topic<ConnectionEvent> CONNECTIONS =
            kept("hub.connections", ConnectionEvent.class, 4, Duration.ofDays(1));

    /** Identity changes, keyed by device id. Written by registry-service; read by gateways, twin-service and command-service. */
    public static final Topic<RegistryEvent> REGISTRY =
            kept("hub.registry", RegistryEvent.class, 4, Duration.ofDays(7));

    /** Changes of twins, keyed by device id. Written by twin-service. */
    public static final Topic<TwinChange> TWIN_CHANGES =
            kept("hub.twin.changes", TwinChange.class, 4, Duration.ofDays(1));

    /** What devices ask about their twins, keyed by device id. Written by gateways; read by twin-service. */
    public static final Topic<TwinRequest> TWIN_REQUESTS =
            kept("hub.twin.requests", TwinRequest.class, 4, Duration.ofDays(1));

    /**
     * What goes to sessions, keyed by device id. A partition belongs to the gateway of that ordinal, which reads it from
     * its end and adds it where there are too few. Written by twin-service and command-service.
     */
    public static final Topic<Downlink> DOWNLINK = kept("hub.downlink", Downlink.class, 4, Duration.ofHours(1));

    /**
     * What sessions receive and what became of it, keyed by device id. Written by gateways; read by command-service.
     */
    public static final Topic<ReceiverEvent> RECEIVERS =
            kept("hub.receivers", ReceiverEvent.class, 4, Duration.ofDays(1));

    /**
     * What became of calls of direct methods, keyed by device id. A partition belongs to the command-service of that
     * ordinal, which reads it from its end and adds it where there are too few. Written by gateways.
     */
    public static final Topic<MethodReply> METHOD_REPLIES =
            kept("hub.method.replies", MethodReply.class, 4, Duration.ofHours(1));

    /** Shared access policies, keyed by name. Written by registry-service; held in memory by every service. */
    public static final Topic<AccessPolicy> POLICIES =
            new Topic<>("hub.policies", AccessPolicy.class, 1, Optional.empty());

    /**
     * Verified certificate authorities of devices, keyed by name. Written by registry-service; held in memory by
     * gateways.
     */
    public static final Topic<TrustedAuthority> CERTIFICATES =
            new Topic<>("hub.certificates", TrustedAuthority.class, 1, Optional.empty());

    /** Consumer groups of the built-in endpoint, keyed by {@link ConsumerGroup#key}. Written by registry-service; held in memory by gateways. */
    public static final Topic<ConsumerGroup> CONSUMER_GROUPS =
            new Topic<>("hub.consumer-groups", ConsumerGroup.class, 1, Optional.empty());

    /**
     * Receivers of the built-in endpoint and the gateways they are at, keyed by {@link EventClaim#key}. One partition, for its
     * order decides. Written and read by gateways.
     */
    public static final Topic<EventClaim> EVENT_CLAIMS =
            new Topic<>("hub.event-claims", EventClaim.class, 1, Optional.empty());

    /** All of them. */
    public static final List<Topic<?>> ALL = List.of(
            TELEMETRY,
            EVENTS,
            CONNECTIONS,
            REGISTRY,
            TWIN_CHANGES,
            TWIN_REQUESTS,
            DOWNLINK,
            RECEIVERS,
            METHOD_REPLIES,
            POLICIES,
            CERTIFICATES,
            CONSUMER_GROUPS,
            EVENT_CLAIMS);

    private static <V> Topic<V> kept(String name, Class<V> value, int partitions, Duration retention) {
        return new Topic<>(name, value, partitions, Optional.of(retention));
    }

    @Override
    public String toString() {
        return name;
    }
}
