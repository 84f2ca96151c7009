package io.freehub.gateway.amqp;

import io.freehub.gateway.events.PartitionState;
import io.freehub.model.EventHeaders;
import io.freehub.model.SystemProperty;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * An event as clients of Event Hubs receive it: what the hub says of it in the annotations, what the device said in the
 * properties, and the body as it came. An offset is the sequence number in text.
 *
 * <p>Source: IoT Hub, "create and read messages" and "read device-to-cloud messages from the built-in endpoint"; the SDKs of
 * Event Hubs, which lose an event that lacks one of the annotations {@code x-opt-*}.
 */
final class EventMessage {

    private static final int DELIVERY_ANNOTATIONS = 0x71;
    private static final int MESSAGE_ANNOTATIONS = 0x72;
    private static final int PROPERTIES = 0x73;
    private static final int APPLICATION_PROPERTIES = 0x74;

    private static final byte[] SEQUENCE_NUMBER = ascii("x-opt-sequence-number");
    private static final byte[] OFFSET = ascii("x-opt-offset");
    private static final byte[] ENQUEUED_TIME = ascii("x-opt-enqueued-time");
    private static final byte[] LAST_SEQUENCE_NUMBER = ascii("last_enqueued_sequence_number");
    private static final byte[] LAST_OFFSET = ascii("last_enqueued_offset");
    private static final byte[] LAST_TIME = ascii("last_enqueued_time_utc");
    private static final byte[] RETRIEVED_AT = ascii("runtime_info_retrieval_time_utc");

    private static final byte[][] NAMES = Stream.of(SystemProperty.values())
            .map(property -> ascii(property.wireName()))
            .toArray(byte[][]::new);

    /** What an event has besides its body, mostly. */
    private static final int ENVELOPE = 640;

    private static final List<SystemProperty> ANNOTATIONS = List.of(
            SystemProperty.CONNECTION_DEVICE_ID,
            SystemProperty.CONNECTION_MODULE_ID,
            SystemProperty.CONNECTION_AUTH_METHOD,
            SystemProperty.CONNECTION_AUTH_GENERATION_ID,
            SystemProperty.ENQUEUED_TIME,
            SystemProperty.MESSAGE_SOURCE,
            SystemProperty.INTERFACE_ID,
            SystemProperty.DATA_SCHEMA,
            SystemProperty.SUBJECT);

    /** What stands in the section of properties, by position; devices do not set what is empty here. */
    private static final List<Optional<SystemProperty>> FIELDS = List.of(
            Optional.of(SystemProperty.MESSAGE_ID),
            Optional.of(SystemProperty.USER_ID),
            Optional.of(SystemProperty.TO),
            Optional.empty(), // subject
            Optional.empty(), // reply-to
            Optional.of(SystemProperty.CORRELATION_ID),
            Optional.of(SystemProperty.CONTENT_TYPE),
            Optional.of(SystemProperty.CONTENT_ENCODING),
            Optional.of(SystemProperty.EXPIRY));

    /** All others stand among the properties of the application. */
    private static final List<SystemProperty> OTHERS = Stream.of(SystemProperty.values())
            .filter(property -> !ANNOTATIONS.contains(property) && !FIELDS.contains(Optional.of(property)))
            .toList();

    private final ConsumerRecord<String, byte[]> event;
    private final SectionWriter out;
    private final byte[][] system = new byte[NAMES.length][];
    private final List<Header> application = new ArrayList<>();

    /**
     * What stood last in the partition when it was looked.
     *
     * @param at when that was
     */
    record Newest(PartitionState state, Instant at) {}

    private EventMessage(ConsumerRecord<String, byte[]> event) {
        this.event = event;
        this.out = new SectionWriter(ENVELOPE + event.value().length);
        for (var header : event.headers()) {
            var property = SystemProperty.ofWireName(header.key());
            if (property.isEmpty()) {
                application.add(header);
            } else if (header.value() != null) {
                system[property.get().ordinal()] = header.value();
            }
        }
    }

    /**
     * The message in AMQP's encoding.
     *
     * @param newest of the event's partition, for those who want to know
     */
    static byte[] encode(ConsumerRecord<String, byte[]> event, Optional<Newest> newest) {
        return new EventMessage(event).encode(newest);
    }

    private byte[] encode(Optional<Newest> newest) {
        newest.ifPresent(this::deliveryAnnotations);
        annotations();
        properties();
        applicationProperties();
        out.data(event.value());
        return out.done();
    }

    private void deliveryAnnotations(Newest newest) {
        // The event may have come after the look.
        long last = Math.max(newest.state().last(), event.offset());
        long time = Math.max(
                newest.state().lastEnqueuedAt().map(Instant::toEpochMilli).orElse(0L), event.timestamp());
        out.beginMap(DELIVERY_ANNOTATIONS);
        out.symbol(LAST_SEQUENCE_NUMBER);
        out.number(last);
        out.symbol(LAST_OFFSET);
        out.string(ascii(Long.toString(last)));
        out.symbol(LAST_TIME);
        out.timestamp(time);
        out.symbol(RETRIEVED_AT);
        out.timestamp(newest.at().toEpochMilli());
        out.end();
    }

    private void annotations() {
        out.beginMap(MESSAGE_ANNOTATIONS);
        out.symbol(SEQUENCE_NUMBER);
        out.number(event.offset());
        out.symbol(OFFSET);
        out.string(ascii(Long.toString(event.offset())));
        out.symbol(ENQUEUED_TIME);
        out.timestamp(event.timestamp());
        for (var property : ANNOTATIONS) {
            var value = system[property.ordinal()];
            if (value != null) {
                out.symbol(NAMES[property.ordinal()]);
                if (property == SystemProperty.ENQUEUED_TIME) {
                    out.timestamp(millis(value).orElse(event.timestamp()));
                } else {
                    out.string(value);
                }
            }
        }
        out.end();
    }

    private void properties() {
        int last = FIELDS.size() - 1;
        while (last >= 0 && field(last) == null) {
            last--;
        }
        if (last < 0) {
            return;
        }
        out.beginList(PROPERTIES);
        for (int i = 0; i <= last; i++) {
            var value = field(i);
            if (value == null) {
                out.nothing();
                continue;
            }
            switch (FIELDS.get(i).orElseThrow()) {
                case USER_ID -> out.binary(value);
                case CONTENT_TYPE, CONTENT_ENCODING -> out.symbol(value);
                case EXPIRY -> millis(value).ifPresentOrElse(out::timestamp, out::nothing);
                default -> out.string(value);
            }
        }
        out.end();
    }

    private byte @Nullable [] field(int position) {
        return FIELDS.get(position).map(property -> system[property.ordinal()]).orElse(null);
    }

    private void applicationProperties() {
        var others = OTHERS.stream()
                .filter(property -> system[property.ordinal()] != null)
                .toList();
        if (others.isEmpty() && application.isEmpty()) {
            return;
        }
        out.beginMap(APPLICATION_PROPERTIES);
        for (var property : others) {
            out.string(NAMES[property.ordinal()]);
            out.string(system[property.ordinal()]);
        }
        for (var header : application) {
            out.string(
                    header.key().startsWith(EventHeaders.ESCAPE)
                            ? header.key().substring(EventHeaders.ESCAPE.length())
                            : header.key());
            if (header.value() == null) {
                out.nothing();
            } else {
                out.string(header.value());
            }
        }
        out.end();
    }

    private static Optional<Long> millis(byte[] text) {
        try {
            return Optional.of(
                    Instant.parse(new String(text, StandardCharsets.UTF_8)).toEpochMilli());
        } catch (DateTimeParseException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
