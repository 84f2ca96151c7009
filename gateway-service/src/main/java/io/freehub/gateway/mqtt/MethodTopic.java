package io.freehub.gateway.mqtt;

import java.util.Optional;

/**
 * A topic that a client publishes the answer to a call of a method to.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol", responding to a direct method.
 *
 * @param status the device's own; any number
 * @param call that is answered; empty when the topic names none
 */
record MethodTopic(int status, Optional<String> call) {

    /** Filter for calls. */
    static final String CALLS = "$iothub/methods/POST/#";

    private static final String ANSWER = "$iothub/methods/res/";
    private static final String CALL = "$iothub/methods/POST/";
    private static final String ID = "$rid";

    /** Whether answers go to the topic. */
    static boolean isAnswer(String topic) {
        return topic.startsWith(ANSWER);
    }

    /** @throws MalformedPacketException when no answer goes to the topic */
    static MethodTopic parse(String topic) {
        int slash = topic.indexOf('/', ANSWER.length());
        if (!isAnswer(topic) || slash < 0) {
            throw new MalformedPacketException("a topic that it may not publish to");
        }
        var query = topic.substring(slash + 1);
        if (!query.isEmpty() && query.charAt(0) != '?') {
            throw new MalformedPacketException("a topic that it may not publish to");
        }
        return new MethodTopic(status(topic.substring(ANSWER.length(), slash)), TopicQuery.parameter(query, ID));
    }

    private static int status(String text) {
        try {
            if (!text.startsWith("+")) {
                return Integer.parseInt(text);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new MalformedPacketException("the answer to a method with a status that is no whole number of 32 bits");
    }

    /**
     * Topic of a call. The C# SDK wants nothing but the id behind the name. A name may hold what is a wildcard to MQTT, and
     * in a topic must not stand as it is.
     */
    static String call(String method, String id) {
        return CALL + method.replace("+", "%2B").replace("#", "%23") + "/?" + ID + "=" + id;
    }
}
