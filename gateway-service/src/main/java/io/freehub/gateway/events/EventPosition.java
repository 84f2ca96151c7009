package io.freehub.gateway.events;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where in a partition a reader begins. An offset of the endpoint is the offset of Kafka, and so is a sequence number.
 *
 * <p>Source: the filters that the SDKs of Event Hubs send when they attach, {@code
 * apache.org:selector-filter:string}.
 */
public sealed interface EventPosition {

    /** With the oldest event. */
    EventPosition EARLIEST = new Offset(0);

    /** With the event of this offset, or the next one there is; with the oldest when it is gone. */
    record Offset(long first) implements EventPosition {}

    /** With the first event that was enqueued at this time or later. */
    record EnqueuedTime(Instant first) implements EventPosition {}

    /** With what is enqueued from now on. */
    record Latest() implements EventPosition {}

    /** Either quoted or not; SDKs differ. */
    Pattern FILTER = Pattern.compile("\\s*amqp\\.annotation\\.([a-z-]+)\\s*(>=?)\\s*(?:'([^']*)'|(\\S+))\\s*");

    /**
     * What a filter asks for.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when it is none of those that the endpoint knows
     */
    static EventPosition parse(String filter) {
        var matcher = FILTER.matcher(filter);
        if (!matcher.matches()) {
            throw unknown(filter);
        }
        boolean inclusive = matcher.group(2).equals(">=");
        var value = Optional.ofNullable(matcher.group(3)).orElseGet(() -> matcher.group(4));
        try {
            return switch (matcher.group(1)) {
                case "x-opt-offset", "x-opt-sequence-number" -> offset(value, inclusive);
                case "x-opt-enqueued-time", "x-opt-enqueuedtimeutc" ->
                    new EnqueuedTime(Instant.ofEpochMilli(after(Long.parseLong(value), inclusive)));
                default -> throw unknown(filter);
            };
        } catch (NumberFormatException | ArithmeticException e) {
            throw unknown(filter);
        }
    }

    private static EventPosition offset(String value, boolean inclusive) {
        return value.equals("@latest")
                ? new Latest()
                : new Offset(Math.max(0, after(Long.parseLong(value), inclusive)));
    }

    private static long after(long value, boolean inclusive) {
        return inclusive ? value : Math.addExact(value, 1);
    }

    private static HubException unknown(String filter) {
        return new HubException(
                HubError.ARGUMENT_INVALID,
                "the filter must compare x-opt-offset, x-opt-sequence-number or x-opt-enqueued-time by > or >= with a"
                        + " number, or x-opt-offset with @latest; it is: " + filter);
    }
}
