package io.freehub.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Topic;
import io.freehub.testing.TestPostgres;
import io.freehub.testing.TopicReader;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** The outbox among several replicas; the test plays the others. */
@RegistryTest
class OutboxIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final String id = BackEnd.newId();

    @Test
    void givenReplicaAtTheRelay_whenDeviceIsCreated_thenToldOnlyWhenThatOneIsDone() throws SQLException {
        var owner = BackEnd.of(port, "iothubowner");
        try (var events = TopicReader.fromNow(Topic.REGISTRY.name());
                var other = TestPostgres.database(RegistryTest.DATABASE).connect()) {
            other.setAutoCommit(false);
            try (var lock = other.prepareStatement("select pg_advisory_xact_lock(?)")) {
                lock.setLong(1, 0x6f7574626f78L);
                lock.execute();
            }
            owner.create(id);
            await(() -> waiting(id) == 1);
            assertThat(events.readToEnd()).noneMatch(record -> record.key().equals(id));

            other.rollback();

            events.await(record -> record.key().equals(id));
            await(() -> waiting(id) == 0);
        }
    }

    @Test
    void givenRecordsOfReplicaThatEnded_whenNobodyTellsOfThem_thenFoundAndSentInOrder() throws SQLException {
        try (var events = TopicReader.fromNow(Topic.REGISTRY.name());
                var other = TestPostgres.database(RegistryTest.DATABASE).connect();
                var insert = other.prepareStatement(
                        "insert into outbox (topic, record_key, record_value) select ?, ?, cast(i as text)"
                                + " from generate_series(1, 1200) as s(i) order by s.i")) {
            insert.setString(1, Topic.REGISTRY.name());
            insert.setString(2, id);
            insert.executeUpdate();

            var values = events.awaitCount(1200, record -> record.key().equals(id), Duration.ofSeconds(60));

            for (int i = 0; i < values.size(); i++) {
                assertThat(TopicReader.text(values.get(i))).isEqualTo(Integer.toString(i + 1));
            }
        }
    }

    private static long waiting(String key) {
        try (var connection = TestPostgres.database(RegistryTest.DATABASE).connect();
                var query = connection.prepareStatement("select count(*) from outbox where record_key = ?")) {
            query.setString(1, key);
            try (var rows = query.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        var deadline = Instant.now().plusSeconds(20);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.onSpinWait();
        }
    }
}
