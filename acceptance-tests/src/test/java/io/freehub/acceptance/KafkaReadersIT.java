package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Kafka clients that log in with a connection string, as at Event Hubs. */
class KafkaReadersIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    @Test
    void aPolicyThatMayConnectReadsEventsInAGroup() throws Exception {
        var device = BackEnd.create("kafka-reader");
        try (var connection =
                        DeviceConnection.open(device, TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY));
                var consumer = consumer(connectionString("service"), Map.of("group.id", "dashboard"))) {
            consumer.subscribe(List.of(Topic.EVENTS.name()));
            Awaitility.await().atMost(PATIENCE).until(() -> {
                consumer.poll(POLL);
                return !consumer.assignment().isEmpty();
            });
            // From here on: before it stands whatever other tests have sent.
            consumer.assignment().forEach(consumer::position);
            connection.send(42);

            Awaitility.await().atMost(PATIENCE).until(() -> {
                for (var event : consumer.poll(POLL)) {
                    if (event.key().equals("kafka-reader")) {
                        return event.value().equals("42");
                    }
                }
                return false;
            });
        }
    }

    @Test
    void readersReadEventsAndNothingElse() {
        var owner = TheHub.connectionString();
        try (var consumer = consumer(owner, Map.of("group.id", "curious"))) {
            consumer.subscribe(List.of(Topic.POLICIES.name()));
            assertThatThrownBy(() -> poll(consumer)).isInstanceOf(TopicAuthorizationException.class);
        }
        // An idempotent one would be refused its number first, now and then before it sends anything.
        var writing = settings(owner, Map.of("enable.idempotence", false));
        try (var producer = new KafkaProducer<>(writing, new StringSerializer(), new StringSerializer())) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>(Topic.EVENTS.name(), "forged", "event"))
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(AuthorizationException.class);
        }
        try (var admin = Admin.create(settings(owner, Map.of()))) {
            assertThatThrownBy(() -> admin.deleteTopics(List.of(Topic.EVENTS.name()))
                            .all()
                            .get())
                    .hasCauseInstanceOf(AuthorizationException.class);
        }
    }

    @Test
    void thoseWithoutTheRightOrTheKeyAreRefused() {
        assertRefused(connectionString("device"));
        assertRefused(connectionString("service").replaceFirst("SharedAccessKey=.", "SharedAccessKey=!"));
        assertRefused(connectionString("service").replace("KeyName=service", "KeyName=nobody"));
        assertRefused("no connection string");
    }

    @Test
    void aKeyThatWasRegeneratedLetsNobodyIn() {
        HubCommand.output("policies", "create", "kafka-rotated", "--permissions", "ServiceConnect");
        var former = connectionString("kafka-rotated");
        assertThat(partitions(former)).isPositive();

        HubCommand.output("policies", "regenerate", "kafka-rotated", "--key", "primary");

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertRefused(former));
        assertThat(partitions(connectionString("kafka-rotated"))).isPositive();
    }

    @Test
    void kcatReadsWithTheConnectionString() throws Exception {
        var device = BackEnd.create("kcat-reader");
        var start = "s@" + Instant.now().minusSeconds(5).toEpochMilli();
        try (var events = new Events();
                var connection =
                        DeviceConnection.open(device, TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY))) {
            connection.send(42);
            events.of("kcat-reader", 1);
        }

        assertThat(Program.output(
                        Path.of("."),
                        Map.of(),
                        List.of(
                                "kcat",
                                "-b",
                                TheHub.facts().kafkaForReaders(),
                                "-X",
                                "security.protocol=SASL_SSL",
                                "-X",
                                "sasl.mechanisms=PLAIN",
                                "-X",
                                "sasl.username=$ConnectionString",
                                "-X",
                                "sasl.password=" + connectionString("service"),
                                "-X",
                                "ssl.ca.location=" + TheHub.facts().certificateAuthority(),
                                "-t",
                                "hub.events",
                                "-C",
                                "-o",
                                start,
                                "-e",
                                "-q",
                                "-f",
                                "%k|%s\n")))
                .contains("kcat-reader|42\n");
    }

    private static void assertRefused(String connectionString) {
        assertThatThrownBy(() -> partitions(connectionString)).isInstanceOf(SaslAuthenticationException.class);
    }

    private static int partitions(String connectionString) {
        try (var consumer = consumer(connectionString, Map.of())) {
            return consumer.partitionsFor(Topic.EVENTS.name()).size();
        }
    }

    private static void poll(KafkaConsumer<String, String> consumer) {
        var deadline = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(deadline)) {
            consumer.poll(POLL);
        }
    }

    private static KafkaConsumer<String, String> consumer(String connectionString, Map<String, Object> more) {
        var settings = settings(connectionString, more);
        settings.put("auto.offset.reset", "latest");
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static Map<String, Object> settings(String connectionString, Map<String, Object> more) {
        var settings = new HashMap<>(more);
        settings.put("bootstrap.servers", TheHub.facts().kafkaForReaders());
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", "PLAIN");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"$ConnectionString\" password=\""
                        + connectionString + "\";");
        settings.put("ssl.truststore.type", "PEM");
        settings.put(
                "ssl.truststore.location", TheHub.facts().certificateAuthority().toString());
        return settings;
    }

    /** As Event Hubs writes it. */
    private static String connectionString(String policy) {
        return "Endpoint=sb://" + TheHub.host() + "/;SharedAccessKeyName=" + policy + ";SharedAccessKey="
                + HubCommand.field(HubCommand.output("policies", "show", policy), "primary key")
                + ";EntityPath=freehub";
    }
}
