package io.freehub.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {

    private static final String HOST = "127.0.0.1";
    private static final String TOPIC = "test.telemetry";

    @TempDir
    Path data;

    @Test
    void givenRecords_whenBrokerIsRestartedOnAnotherPort_thenTheyAreThere() throws Exception {
        try (var kafka = EmbeddedKafka.start(new EmbeddedKafka.Settings(data, HOST, 0))) {
            createTopic(kafka.bootstrapServers());
            write(kafka.bootstrapServers(), "warm");
        }
        try (var kafka = EmbeddedKafka.start(new EmbeddedKafka.Settings(data, HOST, 0))) {
            assertThat(read(kafka.bootstrapServers(), 1)).containsExactly("warm");
        }
    }

    @Test
    void givenAcknowledgedRecords_whenItsProcessIsKilled_thenTheyAreThereAfterANewStartOnTheSamePort()
            throws Exception {
        var port = Ports.free(HOST);
        var bootstrapServers = HOST + ":" + port;
        var broker = startProcess(port);
        try {
            createTopic(bootstrapServers);
            write(bootstrapServers, "warm");
        } finally {
            broker.destroyForcibly().waitFor();
        }
        try (var _ = EmbeddedKafka.start(new EmbeddedKafka.Settings(data, HOST, port))) {
            write(bootstrapServers, "cold");
            assertThat(read(bootstrapServers, 2)).containsExactly("warm", "cold");
        }
    }

    @Test
    void givenNoSuchTopic_whenWrittenTo_thenItIsNotCreated() {
        try (var kafka = EmbeddedKafka.start(new EmbeddedKafka.Settings(data, HOST, 0));
                var producer = producer(kafka.bootstrapServers(), Map.of("max.block.ms", 1_000))) {
            assertThatThrownBy(() ->
                            producer.send(new ProducerRecord<>("nowhere", "x")).get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TimeoutException.class);
        }
    }

    private Process startProcess(int port) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EmbeddedKafka.class.getName(),
                        data.toString(),
                        HOST,
                        Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void createTopic(String bootstrapServers) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
    }

    private static void write(String bootstrapServers, String value) throws Exception {
        try (var producer = producer(bootstrapServers, Map.of("acks", "all"))) {
            producer.send(new ProducerRecord<>(TOPIC, value)).get();
        }
    }

    private static KafkaProducer<String, String> producer(String bootstrapServers, Map<String, Object> more) {
        var settings = new HashMap<>(more);
        settings.put("bootstrap.servers", bootstrapServers);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /** Through a consumer group: its offsets topic must come up too. */
    private static List<String> read(String bootstrapServers, int count) {
        var values = new ArrayList<String>();
        var deadline = Instant.now().plusSeconds(20);
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "group.id", "test", "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            while (values.size() < count && Instant.now().isBefore(deadline)) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(record.value());
                }
            }
        }
        return values;
    }
}
