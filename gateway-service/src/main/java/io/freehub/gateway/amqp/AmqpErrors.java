package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;

/** What clients are told of failures, in AMQP's words. */
final class AmqpErrors {

    static final String NOT_ALLOWED = "amqp:not-allowed";
    static final String DECODE_ERROR = "amqp:decode-error";
    static final String RESOURCE_LIMIT = "amqp:resource-limit-exceeded";
    static final String FRAMING = "amqp:connection:framing-error";
    static final String FORCED = "amqp:connection:forced";
    static final String UNAUTHORIZED = "amqp:unauthorized-access";
    static final String NOT_FOUND = "amqp:not-found";
    static final String CONTAINER_THROTTLED = "com.microsoft:device-container-throttled";

    /** Event Hubs' word for a receiver that gives way to another, and IoT Hub's for a session that does. */
    static final String STOLEN = "amqp:link:stolen";

    private static final int MAX_TEXT = 512;

    private AmqpErrors() {}

    static ErrorCondition condition(String condition, String text) {
        return new ErrorCondition(
                Symbol.valueOf(condition), text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT));
    }

    /** Why links of a session end while their connection may go on; SDKs come again after all but a lost right. */
    static ErrorCondition ofEnd(HubError error, String text) {
        return switch (error) {
            case DISPLACED_BY_NEW_CONNECTION -> condition(STOLEN, text);
            case SERVICE_UNAVAILABLE, THROTTLED ->
                condition("amqp:link:detach-forced", "Server Busy. Please retry operation");
            case UNAUTHORIZED, UNAUTHORIZED_ACCESS, DEVICE_DISABLED, DEVICE_NOT_FOUND, MODULE_NOT_FOUND ->
                condition(UNAUTHORIZED, text);
            default -> condition(error.amqpCondition(), text);
        };
    }

    /** Why a link ends of which its session has another now. */
    static ErrorCondition stolen() {
        return condition(STOLEN, "the session has a newer link for this");
    }

    /** Why a link is not opened. */
    static ErrorCondition ofRefusal(HubError error, String text) {
        return switch (error) {
            case SERVICE_UNAVAILABLE -> condition("amqp:link:detach-forced", "Server Busy. Please retry operation");
            case THROTTLED -> condition(CONTAINER_THROTTLED, text);
            case DISPLACED_BY_NEW_CONNECTION -> condition(STOLEN, text);
            default -> condition(error.amqpCondition(), text);
        };
    }

    static Rejected rejected(String condition, String text) {
        var rejected = new Rejected();
        rejected.setError(condition(condition, text));
        return rejected;
    }

    /** A text about something that the client wrote. */
    static String shown(String text) {
        var cut = text.length() <= 160 ? text : text.substring(0, 160) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
