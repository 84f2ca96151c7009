package io.freehub.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.embedded.EmbeddedKafka;
import io.freehub.embedded.EmbeddedPostgres;
import io.freehub.embedded.Ports;
import io.freehub.embedded.PostgresCluster;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Kafka and PostgreSQL of its own, so that they can be taken away. */
@QuarkusTest
@QuarkusTestResource(value = OutageIT.Parts.class, restrictToAnnotatedClass = true)
class OutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    // Looked up: injected, they would have to exist for every other test too.
    private final Path data = config("test.data", Path.class);
    private final int kafkaPort = config("test.kafka-port", Integer.class);
    private final int postgresPort = config("test.postgres-port", Integer.class);
    private final String id = BackEnd.newId();

    @Test
    void givenKafkaAway_whenDevicesChange_thenAllIsToldInOrderOnceItIsBack() {
        var owner = owner();
        try (var kafka = Parts.kafka.getAndSet(null)) {
            kafka.close();
        }
        for (int i = 0; i < 30; i++) {
            owner.create(id + "-" + i);
        }
        owner.create(id);
        for (int i = 0; i < 5; i++) {
            assertThat(owner.put("/devices/" + id, "{}", "If-Match", "*").status())
                    .isEqualTo(200);
        }
        await("not ready", () -> readiness(owner) == 503);
        assertThat(owner.get("/q/health/live").status()).isEqualTo(200);

        Parts.kafka.set(Parts.startKafka(data, kafkaPort));

        try (var events = TopicReader.fromStart("127.0.0.1:" + kafkaPort, Topic.REGISTRY.name())) {
            events.awaitCount(30, record -> record.key().startsWith(id + "-"), PATIENCE);
            var ours = events.awaitCount(6, record -> record.key().equals(id), PATIENCE).stream()
                    .map(record -> HubJson.read(record.value(), RegistryEvent.class))
                    .mapToLong(event -> switch (event) {
                        case RegistryEvent.Created created -> created.version();
                        case RegistryEvent.Updated updated -> updated.version();
                        case RegistryEvent.Deleted _ -> -1;
                    })
                    .distinct()
                    .toArray();
            assertThat(ours)
                    .isEqualTo(IntStream.range(0, 6).mapToLong(i -> ours[0] + i).toArray());
        }
        await("ready", () -> readiness(owner) == 200);
    }

    @Test
    void givenPostgresKilled_whenAskedMeanwhile_thenUnavailableAndAsBeforeOnceItIsBack() {
        var owner = owner();
        var before = owner.create(id).body();
        var postgres = Parts.postgres.getAndSet(null);
        var servers = postgres.process().descendants().toList();
        postgres.process().destroyForcibly();
        postgres.process().onExit().join();
        // Those that serve a connection see only then that they are alone; one could still answer.
        servers.forEach(server -> server.onExit().join());

        var read = owner.get("/devices/" + id);
        var written = owner.put("/devices/" + id, "{}", "If-Match", "*");

        assertThat(read.status()).as(read.body()).isEqualTo(503);
        assertThat(read.header("iothub-errorcode")).isEqualTo("ServiceUnavailable");
        assertThat(written.status()).as(written.body()).isEqualTo(503);
        assertThat(readiness(owner)).isEqualTo(503);

        Parts.postgres.set(EmbeddedPostgres.start(Parts.settings(data, postgresPort)));

        await("back", () -> owner.get("/devices/" + id).status() == 200);
        assertThat(owner.get("/devices/" + id).body()).isEqualTo(before);
        await("ready", () -> readiness(owner) == 200);
        try (var events = TopicReader.fromNow("127.0.0.1:" + kafkaPort, Topic.REGISTRY.name())) {
            owner.create(id + "-later");
            events.await(record -> record.key().equals(id + "-later"));
        }
    }

    private static <T> T config(String name, Class<T> type) {
        return ConfigProvider.getConfig().getValue(name, type);
    }

    private static int readiness(BackEnd owner) {
        return owner.get("/q/health/ready").status();
    }

    private BackEnd owner() {
        var cluster = new PostgresCluster(Parts.settings(data, postgresPort));
        try (var connection = cluster.connect("outage");
                var query = connection.prepareStatement(
                        "select primary_key from access_policy where name = 'iothubowner'");
                var rows = query.executeQuery()) {
            rows.next();
            return BackEnd.withAuthorization(
                    port,
                    SasToken.create(
                            BackEnd.HOST,
                            new SymmetricKey(rows.getString(1)),
                            Instant.now().plus(Duration.ofHours(1)),
                            Optional.of("iothubowner")));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        var deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            Thread.onSpinWait();
        }
    }

    /** The parts, and where a test finds them. */
    public static class Parts implements QuarkusTestResourceLifecycleManager {

        static final AtomicReference<EmbeddedKafka> kafka = new AtomicReference<>();
        static final AtomicReference<EmbeddedPostgres> postgres = new AtomicReference<>();

        private Path data = Path.of("");

        @Override
        public Map<String, String> start() {
            try {
                data = Files.createTempDirectory("freehub-outage");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            int kafkaPort = Ports.free("127.0.0.1");
            kafka.set(startKafka(data, kafkaPort));
            int postgresPort = Ports.free("127.0.0.1");
            postgres.set(EmbeddedPostgres.start(settings(data, postgresPort)));
            var cluster = postgres.get().cluster();
            cluster.createDatabase("outage");
            return Map.of(
                    "kafka.bootstrap.servers",
                    "127.0.0.1:" + kafkaPort,
                    "quarkus.datasource.username",
                    "freehub",
                    "quarkus.datasource.password",
                    "freehub",
                    "quarkus.datasource.jdbc.url",
                    cluster.jdbcUrl("outage"),
                    "quarkus.datasource.reactive.url",
                    cluster.reactiveUrl("outage"),
                    "freehub.outbox.delivery-timeout",
                    "2s",
                    "freehub.outbox.stuck-after",
                    "3s",
                    "test.data",
                    data.toString(),
                    "test.kafka-port",
                    Integer.toString(kafkaPort),
                    "test.postgres-port",
                    Integer.toString(postgresPort));
        }

        @Override
        public void stop() {
            Optional.ofNullable(kafka.getAndSet(null)).ifPresent(EmbeddedKafka::close);
            Optional.ofNullable(postgres.getAndSet(null)).ifPresent(EmbeddedPostgres::close);
        }

        static EmbeddedKafka startKafka(Path data, int port) {
            return EmbeddedKafka.start(new EmbeddedKafka.Settings(data.resolve("kafka"), "127.0.0.1", port));
        }

        static PostgresCluster.Settings settings(Path data, int port) {
            return new PostgresCluster.Settings(
                    data.resolve("postgres"), "127.0.0.1", port, "freehub", "freehub", true);
        }
    }
}
