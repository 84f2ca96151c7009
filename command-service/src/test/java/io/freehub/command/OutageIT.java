package io.freehub.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.embedded.EmbeddedPostgres;
import io.freehub.embedded.Ports;
import io.freehub.embedded.PostgresCluster;
import io.freehub.model.Disposition;
import io.freehub.model.Downlink;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A PostgreSQL of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(HubResource.class)
@QuarkusTestResource(value = OutageIT.Postgres.class, restrictToAnnotatedClass = true)
class OutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    // Looked up: injected, they would have to exist for every other test too.
    private final Path data = ConfigProvider.getConfig().getValue("test.data", Path.class);
    private final int postgresPort = ConfigProvider.getConfig().getValue("test.postgres-port", Integer.class);

    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final SessionAddress session = new SessionAddress(device, "001-" + device, 0);

    @Test
    void givenPostgresKilled_whenSessionSettlesMeanwhile_thenAllThatWasAcceptedIsDeliveredOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        long generation = FakeRegistry.shared().add(device);
        try (var gateways = new Gateways();
                var downlinks = TopicReader.fromNow(Topic.DOWNLINK.name())) {
            gateways.attach(session, generation, 1, Link.MESSAGES, 1);
            for (var text : List.of("1", "2", "3")) {
                assertThat(send(service, text)).isEqualTo(204);
            }
            var first = delivered(downlinks, 1).getFirst();
            kill();

            assertThat(send(service, "refused")).isEqualTo(503);
            assertThat(service.get("/messages/serviceBound/feedback").status()).isEqualTo(503);
            gateways.settle(session, first.message().lockToken(), Disposition.COMPLETED);
            assertThat(service.get("/q/health/live").status()).isEqualTo(200);
            assertThat(service.get("/q/health/ready").status()).isEqualTo(503);
            Postgres.server.set(EmbeddedPostgres.start(Postgres.settings(data, postgresPort)));

            var second = delivered(downlinks, 2).get(1);
            gateways.settle(session, second.message().lockToken(), Disposition.COMPLETED);
            var third = delivered(downlinks, 3).get(2);
            gateways.settle(session, third.message().lockToken(), Disposition.COMPLETED);
            await().atMost(PATIENCE).until(() -> send(service, "4") == 204);
            assertThat(delivered(downlinks, 4))
                    .extracting(delivered -> new String(delivered.message().body(), StandardCharsets.UTF_8))
                    .containsExactly("1", "2", "3", "4");
            await().atMost(PATIENCE).until(() -> service.get("/q/health/ready").status() == 200);
        }
    }

    private int send(BackEnd service, String text) {
        return service.post("/devices/" + device + "/messages/deviceBound", text)
                .status();
    }

    /** Waits for so many messages; each once, though Kafka may have it twice. */
    private List<Downlink.MessageDelivered> delivered(TopicReader downlinks, int count) {
        return downlinks.awaitCount(count, record -> record.key().equals(device.toString()), PATIENCE).stream()
                .map(record -> (Downlink.MessageDelivered) HubJson.read(record.value(), Downlink.class))
                .toList();
    }

    private static void kill() {
        var postgres = Postgres.server.getAndSet(null);
        var servers = postgres.process().descendants().toList();
        postgres.process().destroyForcibly();
        postgres.process().onExit().join();
        // Those that serve a connection see only then that they are alone; one could still answer.
        servers.forEach(server -> server.onExit().join());
    }

    /** The server, and where a test finds it. */
    public static class Postgres implements QuarkusTestResourceLifecycleManager {

        static final AtomicReference<EmbeddedPostgres> server = new AtomicReference<>();

        @Override
        public Map<String, String> start() {
            var data = temporaryDirectory();
            int port = Ports.free("127.0.0.1");
            server.set(EmbeddedPostgres.start(settings(data, port)));
            var cluster = server.get().cluster();
            cluster.createDatabase("outage");
            return Map.of(
                    "quarkus.datasource.username",
                    "freehub",
                    "quarkus.datasource.password",
                    "freehub",
                    "quarkus.datasource.jdbc.url",
                    cluster.jdbcUrl("outage"),
                    "quarkus.datasource.reactive.url",
                    cluster.reactiveUrl("outage"),
                    "test.data",
                    data.toString(),
                    "test.postgres-port",
                    Integer.toString(port));
        }

        /** After those of all tests, so that this database is the one. */
        @Override
        public int order() {
            return 1;
        }

        @Override
        public void stop() {
            Optional.ofNullable(server.getAndSet(null)).ifPresent(EmbeddedPostgres::close);
        }

        static PostgresCluster.Settings settings(Path data, int port) {
            return new PostgresCluster.Settings(
                    data.resolve("postgres"), "127.0.0.1", port, "freehub", "freehub", true);
        }

        private static Path temporaryDirectory() {
            try {
                return Files.createTempDirectory("freehub-command-outage");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
