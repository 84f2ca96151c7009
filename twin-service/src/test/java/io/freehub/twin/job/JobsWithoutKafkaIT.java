package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.embedded.EmbeddedKafka;
import io.freehub.embedded.Ports;
import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.service.json.HubJson;
import io.freehub.testing.PostgresResource;
import io.freehub.testing.TopicReader;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.HubResource;
import io.freehub.twin.TwinServiceTest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A Kafka of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(
        value = PostgresResource.class,
        initArgs = @ResourceArg(name = "database", value = TwinServiceTest.DATABASE))
@QuarkusTestResource(value = JobsWithoutKafkaIT.Kafka.class, restrictToAnnotatedClass = true)
class JobsWithoutKafkaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DEVICES = 150;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    // Looked up: injected, they would have to exist for every other test too.
    private final Path data = ConfigProvider.getConfig().getValue("test.kafka-data", Path.class);
    private final int kafkaPort = ConfigProvider.getConfig().getValue("test.kafka-port", Integer.class);

    private final FakeRegistry registry = FakeRegistry.shared();
    private final String fleet = BackEnd.newId();

    @Test
    void givenKafkaAway_whenAJobRuns_thenItCompletesAndAllIsToldOnceKafkaIsBack() {
        var service = BackEnd.of(port, "service");
        var devices = IntStream.range(0, DEVICES).mapToObj(i -> fleet + "-" + i).toList();
        for (var device : devices) {
            registry.addDevice(IdentityId.parse(device));
            service.get("/twins/" + device);
        }
        Optional.ofNullable(Kafka.server.getAndSet(null)).ifPresent(EmbeddedKafka::close);

        var created = service.put(
                "/jobs/v2/" + fleet,
                "{\"type\":\"scheduleUpdateTwin\",\"queryCondition\":\"STARTSWITH(deviceId, '" + fleet
                        + "')\",\"updateTwin\":{\"tags\":{\"a\":1}}}");

        assertThat(created.status()).as(created.body()).isEqualTo(200);
        await().atMost(PATIENCE)
                .until(() -> service.get("/jobs/v2/" + fleet).text("/status").equals("completed"));
        assertThat(service.get("/jobs/v2/" + fleet).text("/deviceJobStatistics/succeededCount"))
                .isEqualTo(Integer.toString(DEVICES));

        Kafka.server.set(Kafka.start(data, kafkaPort));

        try (var changes = TopicReader.fromStart("127.0.0.1:" + kafkaPort, Topic.TWIN_CHANGES.name())) {
            for (var device : devices) {
                var told = changes.awaitCount(2, record -> record.key().equals(device), PATIENCE).stream()
                        .map(change -> (TwinChange) HubJson.read(change.value(), TwinChange.class))
                        .toList();
                assertThat(told.get(0)).isInstanceOf(TwinChange.Begun.class);
                assertThat(told.get(1).version()).isEqualTo(3);
            }
        }
        assertThat(devices)
                .allSatisfy(device -> assertThat(service.get("/twins/" + device).text("/version"))
                        .isEqualTo("3"));
    }

    /** The broker, and where a test finds it. */
    public static class Kafka implements QuarkusTestResourceLifecycleManager {

        static final AtomicReference<EmbeddedKafka> server = new AtomicReference<>();

        @Override
        public Map<String, String> start() {
            var data = temporaryDirectory();
            int port = Ports.free("127.0.0.1");
            server.set(start(data, port));
            var config = new HashMap<>(HubResource.policies("127.0.0.1:" + port));
            config.put("freehub.twin.registry.url", "http://127.0.0.1:" + Ports.free("127.0.0.1"));
            config.put("kafka.bootstrap.servers", "127.0.0.1:" + port);
            config.put("freehub.outbox.delivery-timeout", "2s");
            config.put("test.kafka-data", data.toString());
            config.put("test.kafka-port", Integer.toString(port));
            return config;
        }

        /** After those of all tests, so that this broker is the one. */
        @Override
        public int order() {
            return 1;
        }

        @Override
        public void stop() {
            Optional.ofNullable(server.getAndSet(null)).ifPresent(EmbeddedKafka::close);
        }

        static EmbeddedKafka start(Path data, int port) {
            return EmbeddedKafka.start(new EmbeddedKafka.Settings(data, "127.0.0.1", port));
        }

        private static Path temporaryDirectory() {
            try {
                return Files.createTempDirectory("freehub-twin-kafka");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
