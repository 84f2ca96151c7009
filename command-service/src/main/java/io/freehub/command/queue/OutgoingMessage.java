package io.freehub.command.queue;

import io.freehub.command.WireTime;
import io.freehub.command.feedback.Ack;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A message that a back end sends to a device, whatever protocol it speaks. All of it can be told to a device over any
 * protocol; what cannot be is refused.
 *
 * @param properties in the spelling that devices read
 * @param ack what the sender wants to be told of
 * @param expiresAt when it is dead-lettered unless it is delivered before, as far as the sender said
 */
public record OutgoingMessage(MessageProperties properties, Ack ack, Optional<Instant> expiresAt, byte[] body) {

    /** What becomes part of a feedback record stays readable there without escapes. */
    private static final Pattern ID = Pattern.compile("[ -~&&[^\"\\\\]]{1,128}");

    /** They become header values: a line break would be another header. */
    private static final Pattern VALUE = Pattern.compile("[ -~]*");

    /**
     * Takes properties as the sender wrote them.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when a property cannot be told to devices, or {@link
     *     HubError#MESSAGE_TOO_LARGE}
     */
    public static OutgoingMessage of(Map<SystemProperty, String> system, List<Application> application, byte[] body) {
        system.forEach((property, value) -> check(property.wireName(), value));
        application.forEach(property -> {
            PropertyNames.check(property.name());
            check(property.name(), property.value().orElse(""));
        });
        checkId(system, SystemProperty.MESSAGE_ID);
        var known = new EnumMap<SystemProperty, String>(SystemProperty.class);
        known.putAll(system);
        var ack = Optional.ofNullable(system.get(SystemProperty.ACK)).map(Ack::parse);
        ack.ifPresent(asked -> known.put(SystemProperty.ACK, asked.wireName()));
        var expiresAt = Optional.ofNullable(system.get(SystemProperty.EXPIRY)).map(OutgoingMessage::time);
        expiresAt.ifPresent(time -> known.put(SystemProperty.EXPIRY, WireTime.format(time)));
        if (ack.orElse(Ack.NONE) != Ack.NONE) {
            // Feedback has no other name for a message, so IoT Hub gives it an id. Nobody asks for that of the others:
            // their
            // devices see what the sender sent.
            known.computeIfAbsent(
                    SystemProperty.MESSAGE_ID, _ -> UUID.randomUUID().toString());
        }
        var properties = new MessageProperties(known, application);
        checkSize(body.length + properties.size());
        return new OutgoingMessage(properties, ack.orElse(Ack.NONE), expiresAt, body);
    }

    private static void check(String name, String value) {
        if (!VALUE.matcher(value).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "the value of property '" + name + "' may hold nothing but printable ASCII characters");
        }
    }

    private static void checkId(Map<SystemProperty, String> system, SystemProperty property) {
        var id = system.get(property);
        if (id != null && !ID.matcher(id).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    property.wireName() + " must be 1 to 128 printable ASCII characters but for \" and \\");
        }
    }

    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "iothub-expiry must be a time such as 2026-01-02T03:04:05Z");
        }
    }

    private static void checkSize(int size) {
        if (size > DeviceBoundMessage.MAX_SIZE) {
            throw new HubException(
                    HubError.MESSAGE_TOO_LARGE,
                    "a message with its properties has at most %d bytes, this one has %d"
                            .formatted(DeviceBoundMessage.MAX_SIZE, size));
        }
    }
}
