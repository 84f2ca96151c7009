package io.freehub.router;

import io.freehub.model.EventHeaders;
import io.freehub.model.MessageProperties;
import io.freehub.model.SystemProperty;
import io.freehub.model.TelemetryHeaders;
import io.freehub.model.Topic;
import io.quarkus.logging.Log;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What a message of a device looks like at the built-in endpoint. */
final class BuiltInEvents {

    private static final Header SOURCE = header(SystemProperty.MESSAGE_SOURCE, "Telemetry");

    private BuiltInEvents() {}

    /** The event of a record of {@code hub.telemetry}: the same key and body, the properties as headers of their own. */
    static ProducerRecord<byte[], byte[]> event(ConsumerRecord<byte[], byte[]> telemetry) {
        List<Header> headers = new ArrayList<>(12);
        headers.add(header(SystemProperty.CONNECTION_DEVICE_ID, new String(telemetry.key(), StandardCharsets.UTF_8)));
        headers.add(header(
                SystemProperty.ENQUEUED_TIME,
                Instant.ofEpochMilli(telemetry.timestamp()).toString()));
        headers.add(SOURCE);
        EventHeaders.write(properties(telemetry), (name, value) -> headers.add(new RecordHeader(name, value)));
        return new ProducerRecord<>(Topic.EVENTS.name(), null, null, telemetry.key(), telemetry.value(), headers);
    }

    private static MessageProperties properties(ConsumerRecord<byte[], byte[]> telemetry) {
        var header = telemetry.headers().lastHeader(TelemetryHeaders.PROPERTIES);
        if (header == null) {
            return MessageProperties.NONE;
        }
        try {
            return TelemetryHeaders.decode(header.value());
        } catch (IllegalArgumentException e) {
            // The body is worth more than its properties, and whoever wrote this must not stop the others.
            Log.warnf(
                    "properties of a message lost partition=%d offset=%d reason=%s",
                    telemetry.partition(), telemetry.offset(), e.getMessage());
            return MessageProperties.NONE;
        }
    }

    private static Header header(SystemProperty property, String value) {
        return new RecordHeader(property.wireName(), value.getBytes(StandardCharsets.UTF_8));
    }
}
