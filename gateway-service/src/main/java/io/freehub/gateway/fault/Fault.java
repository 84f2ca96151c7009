package io.freehub.gateway.fault;

import io.freehub.model.MessageProperties;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a device asks the hub to do to it, in the properties of a message to the hub. The message itself is acknowledged and
 * goes no further.
 *
 * <p>Source: the end-to-end tests of the device SDKs, which ask IoT Hub for faults in this way; nothing of it is documented.
 *
 * @param reason what the client is told, where the protocol has a place for it
 * @param delay from the message to the fault
 * @param duration how long the fault goes on, for those that are no single act
 */
public record Fault(Kind kind, String reason, Duration delay, Duration duration) {

    private static final String PREFIX = "aziothub_faultoperation";

    /** Longer ones are cut: nothing is to be left of a test after this. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private static final int LONGEST_REASON = 256;

    /** What is done. */
    public enum Kind {
        /** The TCP connection is reset. */
        KILL_TCP("KillTcp"),
        /** The client's connection is closed in the way of MQTT. */
        SHUT_DOWN_MQTT("ShutDownMqtt"),
        /** The connection is closed without an error, in the way of AMQP. */
        SHUT_DOWN_AMQP("ShutDownAmqp"),
        /** The connection is closed with an error, in the way of AMQP. */
        KILL_AMQP_CONNECTION("KillAmqpConnection"),
        /** The AMQP session is ended with an error. */
        KILL_AMQP_SESSION("KillAmqpSession"),
        /** The link on which the client sends tokens is detached. */
        KILL_CBS_REQUEST_LINK("KillAmqpCBSLinkReq"),
        /** The link on which the client hears what became of tokens is detached. */
        KILL_CBS_RESPONSE_LINK("KillAmqpCBSLinkResp"),
        /** The link for telemetry is detached. */
        KILL_TELEMETRY_LINK("KillAmqpD2CLink"),
        /** The link for messages to the device is detached. */
        KILL_DEVICE_BOUND_LINK("KillAmqpC2DLink"),
        /** The link on which the client asks about its twin is detached. */
        KILL_TWIN_REQUEST_LINK("KillAmqpTwinLinkReq"),
        /** The link on which the client hears of its twin is detached. */
        KILL_TWIN_RESPONSE_LINK("KillAmqpTwinLinkResp"),
        /** The link on which the client is called is detached. */
        KILL_METHOD_REQUEST_LINK("KillAmqpMethodReqLink"),
        /** The link on which the client answers calls is detached. */
        KILL_METHOD_RESPONSE_LINK("KillAmqpMethodRespLink"),
        /** Messages are refused because there are too many. */
        THROTTLE("InvokeThrottling"),
        /** Messages are refused because the quota is used up. */
        EXCEED_QUOTA("InvokeMaxMessageQuota"),
        /** Messages are refused because the client may not send. */
        REFUSE("InvokeAuthError");

        private static final Map<String, Kind> BY_NAME = Arrays.stream(values())
                .collect(Collectors.toMap(kind -> kind.wireName.toLowerCase(Locale.ROOT), kind -> kind));

        private final String wireName;

        Kind(String wireName) {
            this.wireName = wireName;
        }

        /** Value of the property {@code AzIoTHub_FaultOperationType}. */
        public String wireName() {
            return wireName;
        }
    }

    /** The fault that a message asks for; empty when it asks for none, or for one that there is not. */
    static Optional<Fault> in(MessageProperties properties) {
        var asked = properties.application().stream()
                .filter(property -> property.name().toLowerCase(Locale.ROOT).startsWith(PREFIX))
                .collect(Collectors.toMap(
                        property -> property.name().substring(PREFIX.length()).toLowerCase(Locale.ROOT),
                        property -> property.value().orElse("").strip(),
                        (first, _) -> first));
        return Optional.ofNullable(asked.get("type"))
                .map(type -> Kind.BY_NAME.get(type.toLowerCase(Locale.ROOT)))
                .map(kind -> new Fault(
                        kind,
                        reason(asked.getOrDefault("closereason", "")),
                        seconds(asked.getOrDefault("delayinsecs", "")),
                        seconds(asked.getOrDefault("durationinsecs", ""))));
    }

    /** It goes into the log too. */
    private static String reason(String text) {
        var printable = text.replaceAll("[^ -~]", "?");
        return printable.isEmpty()
                ? "a fault was asked for"
                : printable.substring(0, Math.min(printable.length(), LONGEST_REASON));
    }

    private static Duration seconds(String text) {
        if (!text.matches("\\d{1,9}")) {
            return Duration.ZERO;
        }
        var asked = Duration.ofSeconds(Integer.parseInt(text));
        return asked.compareTo(LONGEST) > 0 ? LONGEST : asked;
    }
}
