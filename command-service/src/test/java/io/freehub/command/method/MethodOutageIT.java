package io.freehub.command.method;

import static io.freehub.command.method.MethodDevices.answered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.command.BackEnd;
import io.freehub.command.FakeRegistry;
import io.freehub.command.HubResource;
import io.freehub.embedded.EmbeddedPostgres;
import io.freehub.embedded.Ports;
import io.freehub.embedded.PostgresCluster;
import io.freehub.model.IdentityId;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.RestCaller.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A PostgreSQL of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(HubResource.class)
@QuarkusTestResource(value = MethodOutageIT.Postgres.class, restrictToAnnotatedClass = true)
class MethodOutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    Calls calls;

    // Looked up: injected, they would have to exist for every other test too.
    private final Path data = ConfigProvider.getConfig().getValue("test.data", Path.class);
    private final int postgresPort = ConfigProvider.getConfig().getValue("test.postgres-port", Integer.class);
    private final IdentityId device = IdentityId.parse(BackEnd.newId());

    @Test
    void givenPostgresKilled_thenCallsAreAnswered503AndThoseThatWaitGoOnOnceItIsBack() throws Exception {
        var absent = IdentityId.parse(BackEnd.newId());
        FakeRegistry.shared().add(device);
        FakeRegistry.shared().add(absent);
        try (var devices = new MethodDevices();
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var session = devices.attach(
                    device, call -> call.method().equals("late") ? Optional.empty() : answered(call, 200, "1"));
            assertThat(call(device, "m", 0).status()).isEqualTo(200);
            var waiting = callers.submit(() -> call(absent, "m", 60));
            var late = callers.submit(() -> call(device, "late", 0));
            session.awaitCall();
            var called = session.awaitCall();
            await().until(() -> calls.count() == 2);
            kill();

            var during = call(device, "m", 0);
            assertThat(during.status()).as(during.body()).isEqualTo(503);
            assertThat(during.text("/Message")).contains("\"errorCode\":503001");
            devices.reply(called, answered(called, 200, "2"));
            assertThat(late.get(5, TimeUnit.SECONDS).body()).isEqualTo("{\"status\":200,\"payload\":2}");
            assertThat(BackEnd.of(port, "operator").get("/hub/sessions").status())
                    .isEqualTo(503);
            assertThat(BackEnd.of(port, "operator").get("/q/health/live").status())
                    .isEqualTo(200);

            Postgres.server.set(EmbeddedPostgres.start(Postgres.settings(data, postgresPort)));

            await().atMost(PATIENCE).until(() -> call(device, "m", 0).status() == 200);
            devices.attach(absent, call -> answered(call, 200, "3"));
            assertThat(waiting.get(20, TimeUnit.SECONDS).body()).isEqualTo("{\"status\":200,\"payload\":3}");
        }
    }

    private Answer call(IdentityId identity, String method, int connectSeconds) {
        return BackEnd.of(port, "service")
                .post(
                        "/twins/" + identity + "/methods",
                        "{\"methodName\":\"" + method
                                + "\",\"responseTimeoutInSeconds\":60,\"connectTimeoutInSeconds\":" + connectSeconds
                                + "}");
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

        /** After those of all tests, so that this server is the one. */
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
