package io.freehub.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.RegistryEvent;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaToTakeAway;
import io.freehub.testing.PostgresToTakeAway;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Kafka and PostgreSQL of its own, so that they can be taken away. */
@QuarkusTest
@QuarkusTestResource(value = OutageIT.Parts.class, restrictToAnnotatedClass = true)
class OutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final String id = BackEnd.newId();

    @Test
    void givenKafkaAway_whenDevicesChange_thenAllIsToldInOrderOnceItIsBack() {
        var owner = owner();
        Parts.KAFKA.takeAway();
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

        Parts.KAFKA.bringBack();

        try (var events = TopicReader.fromStart(Parts.KAFKA.bootstrapServers(), Topic.REGISTRY.name())) {
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
        Parts.POSTGRES.kill();

        var read = owner.get("/devices/" + id);
        var written = owner.put("/devices/" + id, "{}", "If-Match", "*");

        assertThat(read.status()).as(read.body()).isEqualTo(503);
        assertThat(read.header("iothub-errorcode")).isEqualTo("ServiceUnavailable");
        assertThat(written.status()).as(written.body()).isEqualTo(503);
        assertThat(readiness(owner)).isEqualTo(503);

        Parts.POSTGRES.bringBack();

        await("back", () -> owner.get("/devices/" + id).status() == 200);
        assertThat(owner.get("/devices/" + id).body()).isEqualTo(before);
        await("ready", () -> readiness(owner) == 200);
        try (var events = TopicReader.fromNow(Parts.KAFKA.bootstrapServers(), Topic.REGISTRY.name())) {
            owner.create(id + "-later");
            events.await(record -> record.key().equals(id + "-later"));
        }
    }

    private static int readiness(BackEnd owner) {
        return owner.get("/q/health/ready").status();
    }

    private BackEnd owner() {
        try (var connection = Parts.POSTGRES.connect();
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

    /** The parts. */
    public static class Parts implements QuarkusTestResourceLifecycleManager {

        static final KafkaToTakeAway KAFKA = new KafkaToTakeAway();
        static final PostgresToTakeAway POSTGRES = new PostgresToTakeAway();

        @Override
        public Map<String, String> start() {
            var config = new HashMap<>(POSTGRES.start());
            config.put("kafka.bootstrap.servers", KAFKA.start());
            config.put("freehub.outbox.delivery-timeout", "2s");
            config.put("freehub.outbox.stuck-after", "3s");
            return config;
        }

        @Override
        public void stop() {
            KAFKA.close();
            POSTGRES.close();
        }
    }
}
