package io.freehub.command.feedback;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Locale;

/** What the sender of a message wants to be told of. Source: IoT Hub, "send cloud-to-device messages", message feedback. */
public enum Ack {
    NONE,
    POSITIVE,
    NEGATIVE,
    FULL;

    /**
     * Reads {@code none}, {@code positive}, {@code negative} or {@code full} in any case, or {@code positiveonly} and
     * {@code negativeonly}, as the Java SDK has it.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} for anything else
     */
    public static Ack parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "none" -> NONE;
            case "positive", "positiveonly" -> POSITIVE;
            case "negative", "negativeonly" -> NEGATIVE;
            case "full" -> FULL;
            default ->
                throw new HubException(
                        HubError.ARGUMENT_INVALID, "iothub-ack must be none, positive, negative or full");
        };
    }

    /** As devices read it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the sender is to be told of this outcome. */
    public boolean asksFor(Outcome outcome) {
        return this == FULL || this == (outcome == Outcome.SUCCESS ? POSITIVE : NEGATIVE);
    }
}
