package io.freehub.gateway.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.gateway.events.PartitionState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.DeliveryAnnotations;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Read back by another codec. */
class EventMessageTest {

    private static final long AT = 1_767_225_600_000L;

    @Test
    void everyEventSaysWhereItStands() {
        var sections = sections(event(13975, Map.of(), "{}"), Optional.empty());

        assertThat(sections).hasSize(2);
        assertThat(((MessageAnnotations) sections.get(0)).getValue())
                .isEqualTo(Map.of(
                        Symbol.valueOf("x-opt-sequence-number"),
                        13975L,
                        Symbol.valueOf("x-opt-offset"),
                        "13975",
                        Symbol.valueOf("x-opt-enqueued-time"),
                        new Date(AT)));
        assertThat(body(sections)).isEqualTo("{}");
    }

    @Test
    void whatTheHubStampsIsApartFromWhatTheDeviceSets() {
        var headers = new HashMap<String, @Nullable String>();
        headers.put("iothub-connection-device-id", "d1");
        headers.put("iothub-connection-module-id", "m1");
        headers.put("iothub-connection-auth-method", "{\"scope\":\"device\"}");
        headers.put("iothub-connection-auth-generation-id", "g1");
        headers.put("iothub-enqueuedtime", "2026-01-01T00:00:00.250Z");
        headers.put("iothub-message-source", "Telemetry");
        headers.put("iothub-interface-id", "urn:i");
        headers.put("dt-dataschema", "dtmi:a;1");
        headers.put("dt-subject", "part");
        headers.put("message-id", "m-1");
        headers.put("correlation-id", "c-1");
        headers.put("user-id", "üser");
        headers.put("to", "/devices/d1/messages/events");
        headers.put("content-type", "application/json");
        headers.put("content-encoding", "utf-8");
        headers.put("absolute-expiry-time", "2026-01-01T00:00:01Z");
        headers.put("iothub-creation-time-utc", "2025-12-31T23:59:59Z");
        headers.put("iothub-message-schema", "s1");
        headers.put("app:iothub-connection-device-id", "forged");
        headers.put("alert", "grün");
        headers.put("bare", null);

        var sections = sections(event(1, headers, "body"), Optional.empty());

        assertThat(((MessageAnnotations) sections.get(0)).getValue())
                .containsAllEntriesOf(Map.of(
                        Symbol.valueOf("iothub-connection-device-id"), "d1",
                        Symbol.valueOf("iothub-connection-module-id"), "m1",
                        Symbol.valueOf("iothub-connection-auth-method"), "{\"scope\":\"device\"}",
                        Symbol.valueOf("iothub-connection-auth-generation-id"), "g1",
                        Symbol.valueOf("iothub-enqueuedtime"), new Date(AT + 250),
                        Symbol.valueOf("iothub-message-source"), "Telemetry",
                        Symbol.valueOf("iothub-interface-id"), "urn:i",
                        Symbol.valueOf("dt-dataschema"), "dtmi:a;1",
                        Symbol.valueOf("dt-subject"), "part"))
                .hasSize(12);
        var properties = (Properties) sections.get(1);
        assertThat((Object) properties.getMessageId()).isEqualTo("m-1");
        assertThat((Object) properties.getCorrelationId()).isEqualTo("c-1");
        assertThat(properties.getUserId()).isEqualTo(new Binary("üser".getBytes(StandardCharsets.UTF_8)));
        assertThat(properties.getTo()).isEqualTo("/devices/d1/messages/events");
        assertThat(properties.getSubject()).isNull();
        assertThat((Object) properties.getContentType()).isEqualTo(Symbol.valueOf("application/json"));
        assertThat((Object) properties.getContentEncoding()).isEqualTo(Symbol.valueOf("utf-8"));
        assertThat(properties.getAbsoluteExpiryTime()).isEqualTo(new Date(AT + 1000));
        var application = new HashMap<String, @Nullable Object>();
        application.put("iothub-creation-time-utc", "2025-12-31T23:59:59Z");
        application.put("iothub-message-schema", "s1");
        application.put("iothub-connection-device-id", "forged");
        application.put("alert", "grün");
        application.put("bare", null);
        assertThat(((ApplicationProperties) sections.get(2)).getValue()).isEqualTo(application);
        assertThat(body(sections)).isEqualTo("body");
    }

    @Test
    void longValuesAreWhole() {
        var value = "ä".repeat(200);
        var body = "x".repeat(256 << 10);
        var sections = sections(
                event(1, Map.of("long", value, "message-id", "m".repeat(255), "n".repeat(300), "1"), body),
                Optional.empty());

        assertThat((Object) ((Properties) sections.get(1)).getMessageId()).isEqualTo("m".repeat(255));
        assertThat(((ApplicationProperties) sections.get(2)).getValue())
                .isEqualTo(Map.of("long", value, "n".repeat(300), "1"));
        assertThat(body(sections)).isEqualTo(body);
    }

    @Test
    void timesThatAreNoneDoNotLoseTheEvent() {
        var sections = sections(
                event(
                        1,
                        Map.of("iothub-enqueuedtime", "yesterday", "absolute-expiry-time", "never", "message-id", "m"),
                        ""),
                Optional.empty());

        assertThat(((MessageAnnotations) sections.get(0)).getValue())
                .containsEntry(Symbol.valueOf("iothub-enqueuedtime"), new Date(AT));
        assertThat(((Properties) sections.get(1)).getAbsoluteExpiryTime()).isNull();
        assertThat(body(sections)).isEmpty();
    }

    @Test
    void whoWantsItHearsWhatStandsLast() {
        var looked = Instant.ofEpochMilli(AT + 5000);
        var state = new PartitionState(0, 100, Optional.of(Instant.ofEpochMilli(AT + 1000)));
        assertThat(tracked(event(1, Map.of(), ""), new EventMessage.Newest(state, looked)))
                .isEqualTo(Map.of(
                        Symbol.valueOf("last_enqueued_sequence_number"),
                        99L,
                        Symbol.valueOf("last_enqueued_offset"),
                        "99",
                        Symbol.valueOf("last_enqueued_time_utc"),
                        new Date(AT + 1000),
                        Symbol.valueOf("runtime_info_retrieval_time_utc"),
                        new Date(AT + 5000)));

        // It came after the look.
        var old = new PartitionState(0, 1, Optional.of(Instant.ofEpochMilli(AT - 1000)));
        assertThat(tracked(event(1, Map.of(), ""), new EventMessage.Newest(old, looked)))
                .containsEntry(Symbol.valueOf("last_enqueued_sequence_number"), 1L)
                .containsEntry(Symbol.valueOf("last_enqueued_time_utc"), new Date(AT));
    }

    private static Map<Symbol, Object> tracked(ConsumerRecord<String, byte[]> event, EventMessage.Newest newest) {
        return ((DeliveryAnnotations) sections(event, Optional.of(newest)).getFirst()).getValue();
    }

    private static ConsumerRecord<String, byte[]> event(
            long offset, Map<String, ? extends @Nullable String> properties, String body) {
        var headers = new RecordHeaders();
        properties.forEach(
                (name, value) -> headers.add(name, value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
        return new ConsumerRecord<>(
                "hub.events",
                0,
                offset,
                AT,
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                "d1",
                body.getBytes(StandardCharsets.UTF_8),
                headers,
                Optional.empty());
    }

    private static List<Object> sections(ConsumerRecord<String, byte[]> event, Optional<EventMessage.Newest> newest) {
        var decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        var bytes = ByteBuffer.wrap(EventMessage.encode(event, newest));
        decoder.setByteBuffer(bytes);
        var sections = new ArrayList<Object>();
        while (bytes.hasRemaining()) {
            sections.add(decoder.readObject());
        }
        return sections;
    }

    private static String body(List<Object> sections) {
        var data = ((Data) sections.getLast()).getValue();
        return new String(data.getArray(), data.getArrayOffset(), data.getLength(), StandardCharsets.UTF_8);
    }
}
