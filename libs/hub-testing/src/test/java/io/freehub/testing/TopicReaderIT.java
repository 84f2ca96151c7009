package io.freehub.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopicReaderIT {

    private static KafkaProducer<String, byte[]> producer;
    private String topic;

    @BeforeAll
    static void connect() {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void disconnect() {
        producer.close();
    }

    @BeforeEach
    void createTopic() {
        topic = "test." + UUID.randomUUID();
        TestKafka.createTopic(topic, 3);
    }

    @Test
    void givenReaderFromNow_whenRecordsAreWritten_thenOnlyLaterOnesAreSeen() throws Exception {
        write("boiler", "before");
        try (var reader = TopicReader.fromNow(topic)) {
            write("boiler", "after");

            var record = reader.await(each -> each.key().equals("boiler"));

            assertThat(TopicReader.text(record)).isEqualTo("after");
        }
    }

    @Test
    void givenReaderFromStart_whenReadToEnd_thenAllIsSeenAndStaysSeen() throws Exception {
        write("boiler", "1");
        write("pump", "2");
        try (var reader = TopicReader.fromStart(topic)) {
            assertThat(reader.readToEnd()).extracting(TopicReader::text).containsExactlyInAnyOrder("1", "2");
            assertThat(TopicReader.text(reader.await(each -> each.key().equals("boiler"))))
                    .isEqualTo("1");
        }
    }

    @Test
    void givenNoFittingRecord_whenAwaited_thenFailureTellsWhatWasSeen() throws Exception {
        write("boiler", "cold");
        try (var reader = TopicReader.fromStart(topic)) {
            reader.readToEnd();
            assertThatThrownBy(() -> reader.await(each -> each.key().equals("pump"), Duration.ofMillis(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("boiler=cold");
        }
    }

    @Test
    void givenExistingTopic_whenCreatedAgain_thenNothingHappens() {
        TestKafka.createTopic(topic, 3);

        try (var reader = TopicReader.fromStart(topic)) {
            assertThat(reader.readToEnd()).isEmpty();
        }
    }

    private void write(String key, String value) throws InterruptedException, ExecutionException {
        producer.send(new ProducerRecord<>(topic, key, value.getBytes(StandardCharsets.UTF_8)))
                .get();
    }
}
