package io.freehub.model;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A call of a direct method as a back end asks for it. Source of the limits: IoT Hub, "direct methods", and "reference -
 * MQTT support" for the name.
 *
 * @param method its name; that of a command of a component is {@code component*command}
 * @param payload JSON text as the caller wrote it, or nothing
 * @param responseTimeout how long the device has to answer, once the call is on its way to it
 * @param connectTimeout how long the device may take to come online
 */
public record MethodCall(String method, String payload, Duration responseTimeout, Duration connectTimeout) {

    /** Time to answer when the caller names none. */
    public static final Duration DEFAULT_RESPONSE_TIMEOUT = Duration.ofSeconds(30);

    private static final long MIN_RESPONSE_SECONDS = 5;
    private static final long MAX_RESPONSE_SECONDS = 300;

    /** Printable ASCII without separators, and without what no topic of a PUBLISH may have (MQTT 3.1.1, 3.3.2-2). */
    private static final Pattern NAME = Pattern.compile("[!%&'*\\-.0-9A-Z^_`a-z|~]{1,128}");

    /** @throws HubException naming what is wrong */
    public MethodCall {
        if (!NAME.matcher(method).matches()) {
            throw invalid("methodName must have 1 to 128 printable ASCII characters, none of them a space or one of"
                    + " # + $ ( ) < > @ , ; : \\ \" / [ ] ? = { }");
        }
        if (payload.length() > MethodReply.MAX_PAYLOAD
                || payload.getBytes(StandardCharsets.UTF_8).length > MethodReply.MAX_PAYLOAD) {
            throw new HubException(
                    HubError.MESSAGE_TOO_LARGE, "payload is larger than " + MethodReply.MAX_PAYLOAD + " bytes");
        }
        long response = responseTimeout.toSeconds();
        if (response < MIN_RESPONSE_SECONDS || response > MAX_RESPONSE_SECONDS) {
            throw invalid("responseTimeoutInSeconds must be " + MIN_RESPONSE_SECONDS + " to " + MAX_RESPONSE_SECONDS);
        }
        if (connectTimeout.isNegative()) {
            throw invalid("connectTimeoutInSeconds must be 0 to responseTimeoutInSeconds");
        }
        if (connectTimeout.compareTo(responseTimeout) > 0) {
            // The words of IoT Hub.
            throw invalid("Device connection timeout of " + connectTimeout.toSeconds()
                    + " s cannot be longer than an overall call timeout of " + response + " s");
        }
    }

    /**
     * The call with defaults for what is absent.
     *
     * @throws HubException naming what is wrong
     */
    public static MethodCall of(
            Optional<String> method,
            Optional<String> payload,
            Optional<Long> responseSeconds,
            Optional<Long> connectSeconds) {
        return new MethodCall(
                method.orElseThrow(() -> invalid("methodName is missing")),
                payload.orElse(""),
                responseSeconds.map(Duration::ofSeconds).orElse(DEFAULT_RESPONSE_TIMEOUT),
                connectSeconds.map(Duration::ofSeconds).orElse(Duration.ZERO));
    }

    private static HubException invalid(String problem) {
        return new HubException(HubError.ARGUMENT_INVALID, problem);
    }
}
