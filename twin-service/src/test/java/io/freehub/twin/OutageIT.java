package io.freehub.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.embedded.EmbeddedPostgres;
import io.freehub.embedded.Ports;
import io.freehub.embedded.PostgresCluster;
import io.freehub.model.IdentityId;
import io.freehub.model.TwinChange;
import io.freehub.testing.KafkaResource;
import io.freehub.twin.device.Devices;
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

    private final FakeRegistry registry = FakeRegistry.shared();
    private final IdentityId kept = IdentityId.parse(BackEnd.newId());
    private final IdentityId gone = IdentityId.parse(BackEnd.newId());
    private final IdentityId added = IdentityId.parse(BackEnd.newId());

    @Test
    void givenPostgresKilled_whenDevicesReportMeanwhile_thenAllIsAnsweredOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        var reporting = IdentityId.parse(BackEnd.newId());
        try (var devices = new Devices()) {
            var session = devices.session(reporting, registry.addDevice(reporting));
            session.report("before", "{\"n\":0}");
            session.await(1);
            kill();
            for (int n = 1; n <= 20; n++) {
                session.report("during-" + n, "{\"n\":" + n + "}");
            }

            Postgres.server.set(EmbeddedPostgres.start(Postgres.settings(data, postgresPort)));

            assertThat(session.await(21)).hasSize(21);
            await().atMost(PATIENCE)
                    .until(() -> service.get("/twins/" + reporting).status() == 200);
            var twin = service.get("/twins/" + reporting);
            assertThat(twin.text("/properties/reported/n")).isEqualTo("20");
            assertThat(twin.text("/properties/reported/$version")).isEqualTo("22");
            await().atMost(PATIENCE).until(() -> service.get("/q/health/ready").status() == 200);
        }
    }

    @Test
    void givenPostgresKilled_whenDevicesComeAndGoMeanwhile_thenTwinsFollowOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        registry.addDevice(kept);
        var generation = registry.addDevice(gone);
        var before = service.patch("/twins/" + kept, "{\"tags\":{\"a\":1.0}}").body();
        assertThat(service.get("/twins/" + gone).status()).isEqualTo(200);
        kill();

        var read = service.get("/twins/" + kept);
        var written = service.patch("/twins/" + kept, "{\"tags\":{\"a\":2}}");
        registry.tellDeleted(gone, generation);
        registry.tellCreated(added, registry.nextGeneration());

        assertThat(read.status()).as(read.body()).isEqualTo(503);
        assertThat(read.header("iothub-errorcode")).isEqualTo("ServiceUnavailable");
        assertThat(written.status()).as(written.body()).isEqualTo(503);
        assertThat(service.get("/q/health/ready").status()).isEqualTo(503);
        assertThat(service.get("/q/health/live").status()).isEqualTo(200);

        Postgres.server.set(EmbeddedPostgres.start(Postgres.settings(data, postgresPort)));

        await().atMost(PATIENCE).until(() -> service.get("/twins/" + kept).status() == 200);
        assertThat(service.get("/twins/" + kept).body()).isEqualTo(before);
        await().atMost(PATIENCE).until(() -> exists(added) && !exists(gone));
        await().atMost(PATIENCE).until(() -> service.get("/q/health/ready").status() == 200);
    }

    @Test
    void givenPostgresKilled_whenTwinsAreToBeLookedThrough_thenConfigurationsGoOnOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        var operator = BackEnd.of(port, "registryReadWrite");
        var device = IdentityId.parse(BackEnd.newId());
        registry.addDevice(device);
        service.patch("/twins/" + device, "{\"tags\":{\"a\":1}}");
        var created = operator.put("/configurations/outage", """
                {"content":{"deviceContent":{"properties.desired.set":true}},"targetCondition":"tags.a = 2"}""");
        assertThat(created.status()).as(created.body()).isEqualTo(200);
        kill();

        registry.tell(new TwinChange.Begun(device, 1, "{}", Instant.now()));
        assertThat(operator.get("/configurations").status()).isEqualTo(503);
        Postgres.server.set(EmbeddedPostgres.start(Postgres.settings(data, postgresPort)));

        await().atMost(PATIENCE)
                .until(() -> service.patch("/twins/" + device, "{\"tags\":{\"a\":2}}")
                                .status()
                        == 200);
        await().atMost(PATIENCE).until(() -> service.get("/twins/" + device)
                .text("/properties/desired/set")
                .equals("true"));
        assertThat(service.get("/q/health/live").status()).isEqualTo(200);
        assertThat(operator.send("DELETE", "/configurations/outage", null).status())
                .isEqualTo(204);
    }

    private static void kill() {
        var postgres = Postgres.server.getAndSet(null);
        var servers = postgres.process().descendants().toList();
        postgres.process().destroyForcibly();
        postgres.process().onExit().join();
        // Those that serve a connection see only then that they are alone; one could still answer.
        servers.forEach(server -> server.onExit().join());
    }

    private boolean exists(IdentityId identity) throws SQLException {
        try (var connection = new PostgresCluster(Postgres.settings(data, postgresPort)).connect("outage");
                var query = connection.prepareStatement("select from twin where id = ?")) {
            query.setString(1, identity.toString());
            try (var rows = query.executeQuery()) {
                return rows.next();
            }
        }
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
                return Files.createTempDirectory("freehub-twin-outage");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
