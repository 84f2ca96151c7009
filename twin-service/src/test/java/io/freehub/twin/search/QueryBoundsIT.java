package io.freehub.twin.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.testing.TestPostgres;
import io.freehub.twin.BackEnd;
import io.freehub.twin.TwinServiceTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** One query at a time, and one that waits. A lock on the twins keeps them as long as the test wants. */
@TwinServiceTest
@TestProfile(QueryBoundsIT.Narrow.class)
class QueryBoundsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Test
    void givenOneTooMany_thenItIsRefusedAndTheOthersEndByTimeoutOrAnswer() throws Exception {
        try (var virtual = Executors.newVirtualThreadPerTaskExecutor();
                var connection = TestPostgres.database(TwinServiceTest.DATABASE).connect()) {
            connection.setAutoCommit(false);
            run(connection, "lock table twin in access exclusive mode");
            var running = query(virtual);
            await().atMost(PATIENCE).until(() -> isBlocked(connection));
            var others = List.of(query(virtual), query(virtual));

            await().atMost(PATIENCE).until(() -> others.stream().anyMatch(CompletableFuture::isDone));
            var refused = others.stream().filter(CompletableFuture::isDone).toList();
            assertThat(refused).hasSize(1);
            assertThat(refused.getFirst().join().status()).isEqualTo(429);
            assertThat(refused.getFirst().join().header("iothub-errorcode")).isEqualTo("ThrottlingException");

            await().atMost(PATIENCE).until(running::isDone);
            assertThat(running.join().status()).as(running.join().body()).isEqualTo(504);
            assertThat(running.join().body()).contains("longer than 2 s");
            connection.rollback();

            var waiting = others.stream()
                    .filter(other -> !refused.contains(other))
                    .findFirst()
                    .orElseThrow();
            await().atMost(PATIENCE).until(waiting::isDone);
            assertThat(waiting.join().status()).as(waiting.join().body()).isEqualTo(200);
        }
    }

    private CompletableFuture<Answer> query(Executor executor) {
        var body = new ObjectMapper()
                .createObjectNode()
                .put("query", "SELECT TOP 1 deviceId FROM devices")
                .toString();
        return CompletableFuture.supplyAsync(
                () -> BackEnd.of(port, "service").post("/devices/query", body, "Content-Type", "application/json"),
                executor);
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean isBlocked(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("select from pg_locks l join pg_class c on c.oid = l.relation"
                        + " where c.relname = 'twin' and not l.granted and l.mode = 'AccessShareLock'")) {
            return rows.next();
        }
    }

    /** Few queries, which may not take long. */
    public static class Narrow implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "freehub.twin.queries.concurrency", "1",
                    "freehub.twin.queries.waiting", "1",
                    "freehub.twin.queries.timeout", "2s");
        }
    }
}
