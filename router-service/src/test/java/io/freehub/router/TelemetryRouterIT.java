package io.freehub.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import io.freehub.model.TelemetryHeaders;
import io.freehub.model.Topic;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
class TelemetryRouterIT {

    private static final Instant TAKEN = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final MessageProperties PROPERTIES = new MessageProperties(
            Map.of(
                    SystemProperty.CONTENT_TYPE, "application/json",
                    SystemProperty.CONNECTION_AUTH_GENERATION_ID, "g1"),
            List.of(
                    new Application("alert", Optional.of("true")),
                    new Application("note", Optional.empty()),
                    new Application("iothub-connection-device-id", Optional.of("forged"))));

    private static TopicReader events;
    private static KafkaProducer<String, byte[]> devices;

    private final String device = "d-" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        events = TopicReader.fromStart(Topic.EVENTS.name());
        devices = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        events.close();
        devices.close();
    }

    @Test
    void messageBecomesAnEventWithAHeaderForEachProperty() {
        send("hello", TelemetryHeaders.encode(PROPERTIES));

        var event = events.await(record -> record.key().equals(device));

        assertThat(TopicReader.text(event)).isEqualTo("hello");
        assertThat(headers(event))
                .containsExactlyInAnyOrder(
                        "iothub-connection-device-id=" + device,
                        "iothub-enqueuedtime=2026-01-02T03:04:05.678Z",
                        "iothub-message-source=Telemetry",
                        "iothub-connection-auth-generation-id=g1",
                        "content-type=application/json",
                        "alert=true",
                        "note=null",
                        "app:iothub-connection-device-id=forged");
        assertThat(Instant.ofEpochMilli(event.timestamp()))
                .as("time of the log")
                .isAfter(TAKEN);
    }

    @Test
    void everyMessageIsRoutedOnceAndInOrder() {
        int messages = 20_000;
        IntStream.range(0, messages)
                .forEach(number -> send(Integer.toString(number), TelemetryHeaders.encode(PROPERTIES)));

        var routed = events.awaitCount(messages, record -> record.key().equals(device), Duration.ofSeconds(60));

        assertThat(routed.stream().map(TopicReader::text))
                .containsExactlyElementsOf(
                        IntStream.range(0, messages).mapToObj(Integer::toString).toList());
        assertThat(events.readToEnd().stream().filter(record -> record.key().equals(device)))
                .as("none comes twice")
                .hasSize(messages);
    }

    @Test
    void propertiesThatCannotBeReadDoNotHoldUpTheMessage() {
        send("rubbish", new byte[] {0, 99, 1});
        send("next", TelemetryHeaders.encode(PROPERTIES));

        assertThat(headers(events.await(record -> TopicReader.text(record).equals("rubbish"))))
                .contains("iothub-connection-device-id=" + device);
        events.await(record ->
                record.key().equals(device) && TopicReader.text(record).equals("next"));
    }

    @Test
    void positionIsCommittedSoThatAnotherRouterGoesOnBehindIt() throws Exception {
        send("last", TelemetryHeaders.encode(PROPERTIES));
        events.await(record -> record.key().equals(device));

        try (var admin = TestKafka.admin()) {
            Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                var ends = devices.partitionsFor(Topic.TELEMETRY.name()).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
                var committed = admin.listConsumerGroupOffsets("freehub-router")
                        .partitionsToOffsetAndMetadata()
                        .get();
                var written = admin.listOffsets(ends.stream()
                                .collect(Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest())))
                        .all()
                        .get();
                for (var partition : ends) {
                    assertThat(Optional.ofNullable(committed.get(partition))
                                    .map(OffsetAndMetadata::offset)
                                    .orElse(0L))
                            .isEqualTo(written.get(partition).offset());
                }
            });
        }
    }

    private void send(String body, byte[] properties) {
        devices.send(new ProducerRecord<>(
                Topic.TELEMETRY.name(),
                null,
                TAKEN.toEpochMilli(),
                device,
                body.getBytes(StandardCharsets.UTF_8),
                List.<Header>of(new RecordHeader(TelemetryHeaders.PROPERTIES, properties))));
    }

    private static List<String> headers(ConsumerRecord<String, byte[]> event) {
        return StreamSupport.stream(event.headers().spliterator(), false)
                .map(header -> header.key() + "="
                        + (header.value() == null ? "null" : new String(header.value(), StandardCharsets.UTF_8)))
                .toList();
    }
}
