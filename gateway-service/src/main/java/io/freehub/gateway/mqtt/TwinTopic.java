package io.freehub.gateway.mqtt;

import java.util.Optional;

/**
 * A topic that a client publishes a request about its twin to. Parameters come in any order; those that mean nothing here
 * are passed over.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol", twins; that ids of requests are given back
 * byte for byte is what the SDKs demand.
 *
 * @param requestId the client's own; empty when it gave none, and then it can have no answer
 * @param version as the client wrote it
 */
record TwinTopic(Operation operation, Optional<String> requestId, Optional<String> version) {

    /** What is asked for. */
    enum Operation {
        GET("GET/"),
        REPORT("PATCH/properties/reported/");

        private final String path;

        Operation(String path) {
            this.path = PREFIX + path;
        }
    }

    /** Filter for the answers. */
    static final String ANSWERS = "$iothub/twin/res/#";

    /** Filter for what is written of desired properties. */
    static final String DESIRED = "$iothub/twin/PATCH/properties/desired/#";

    private static final String PREFIX = "$iothub/twin/";
    private static final String REQUEST_ID = "$rid";
    private static final String VERSION = "$version";

    /** Longer ones are none. The SDKs have numbers and UUIDs. */
    private static final int MAX_REQUEST_ID = 256;

    /** @throws MalformedPacketException when no request about a twin goes to the topic */
    static TwinTopic parse(String topic) {
        for (var operation : Operation.values()) {
            if (topic.startsWith(operation.path)) {
                var query = topic.substring(operation.path.length());
                if (query.isEmpty() || query.charAt(0) == '?') {
                    return new TwinTopic(
                            operation,
                            TopicQuery.parameter(query, REQUEST_ID).filter(TwinTopic::isRequestId),
                            TopicQuery.parameter(query, VERSION));
                }
            }
        }
        throw new MalformedPacketException("a topic that it may not publish to");
    }

    /** Whether it can stand in the topic of an answer, which has no wildcards. */
    private static boolean isRequestId(String text) {
        return !text.isEmpty() && text.length() <= MAX_REQUEST_ID && text.indexOf('#') < 0 && text.indexOf('+') < 0;
    }

    /** Topic of an answer. The Java SDK wants the version last. */
    static String answer(int status, String requestId, Optional<Long> version) {
        return PREFIX + "res/" + status + "/?" + REQUEST_ID + "=" + requestId
                + version.map(number -> "&" + VERSION + "=" + number).orElse("");
    }

    /** Topic of what was written of desired properties. */
    static String desired(long version) {
        return PREFIX + "PATCH/properties/desired/?" + VERSION + "=" + version;
    }
}
