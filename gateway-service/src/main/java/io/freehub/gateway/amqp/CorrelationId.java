package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.jspecify.annotations.Nullable;

/**
 * Ids of messages as text that tells their types, so that they can be given back as they came: SDKs find no answer by an id
 * of another type.
 *
 * <p>Source: AMQP 1.0, part 3, sections 3.2.11 to 3.2.14.
 */
final class CorrelationId {

    /** Longer ones are none. The SDKs have UUIDs, with a word before them. */
    private static final int MAX_LENGTH = 256;

    private CorrelationId() {}

    /** The id as text; empty when there is none that could be given back. */
    static Optional<String> text(@Nullable Object id) {
        return Optional.ofNullable(
                        switch (id) {
                            case String text -> "s" + text;
                            case UUID uuid -> "u" + uuid;
                            case UnsignedLong number -> "l" + number;
                            case Binary bytes -> "b" + Base64.getEncoder().encodeToString(DeviceMessage.bytes(bytes));
                            case null, default -> null;
                        })
                .filter(text -> text.length() <= MAX_LENGTH);
    }

    /** The id of which this is the text. */
    static Object parse(String text) {
        var value = text.substring(1);
        return switch (text.charAt(0)) {
            case 's' -> value;
            case 'u' -> UUID.fromString(value);
            case 'l' -> UnsignedLong.valueOf(value);
            case 'b' -> new Binary(Base64.getDecoder().decode(value));
            default -> throw new HubException(HubError.SERVER_ERROR, "no id of a message: " + text);
        };
    }
}
