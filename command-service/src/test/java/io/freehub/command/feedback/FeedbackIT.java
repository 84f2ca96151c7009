package io.freehub.command.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.freehub.command.BackEnd;
import io.freehub.command.CommandConfig;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.Transactions;
import io.freehub.model.AccessPolicy;
import io.freehub.model.DeviceId;
import io.freehub.model.FeedbackDelivery;
import io.freehub.service.json.HubJson;
import io.freehub.testing.RestCaller.Answer;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Feedback, as back ends receive it. */
@CommandServiceTest
class FeedbackIT {

    private static final String PATH = "/messages/serviceBound/feedback";
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.123456Z");

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    AgroalDataSource dataSource;

    @Inject
    Transactions transactions;

    @Inject
    CommandConfig config;

    @Inject
    Feedback feedback;

    private final DeviceId device = new DeviceId(BackEnd.newId());
    private BackEnd service;

    @BeforeEach
    void forgetTheRest() throws SQLException {
        service = BackEnd.of(port, "service");
        execute("delete from feedback_record");
        execute("delete from feedback_batch");
    }

    @Test
    void nothingIsThere() {
        assertThat(service.get(PATH).status()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {PATH, "/messages/servicebound/feedback", "/Messages%2FServiceBound%2Ffeedback/", "/hub/feedback"
            })
    void aBatchIsReceivedAndCompleted(String path) throws SQLException {
        add(new FeedbackRecord("m1", Outcome.SUCCESS, device, 638, AT));
        feedback.close();

        var batch = service.get(path);
        assertThat(batch.status()).as(batch.body()).isEqualTo(200);
        assertThat(batch.header("Content-Type")).isEqualTo("application/vnd.microsoft.iothub.feedback.json");
        assertThat(batch.body())
                .isEqualTo("[{\"originalMessageId\":\"m1\",\"enqueuedTimeUtc\":\"2026-01-02T03:04:05.1234560Z\","
                        + "\"statusCode\":\"Success\",\"description\":\"Success\",\"deviceId\":\"" + device
                        + "\",\"deviceGenerationId\":\"638\"}]");
        var lockToken = batch.header("iothub-messagelocktoken");
        assertThat(batch.header("ETag")).isEqualTo('"' + lockToken + '"');
        assertThat(service.get(path).status()).isEqualTo(204);
        var base = path.endsWith("/") ? PATH : path;
        assertThat(service.delete(base + "/" + lockToken).status()).isEqualTo(204);
        assertLost(service.delete(base + "/" + lockToken));
    }

    @Test
    void aBatchThatIsGivenBackIsReceivedAgain() throws SQLException {
        add(record(1, AT));
        feedback.close();
        var lockToken = service.get(PATH).header("iothub-messagelocktoken");
        assertThat(service.post(PATH + "/" + lockToken + "/abandon", "").status())
                .isEqualTo(204);
        assertLost(service.post(PATH + "/" + lockToken + "/abandon", ""));
        assertLost(service.delete(PATH + "/" + lockToken));
        assertLost(service.delete(PATH + "/no-token"));

        var again = service.get(PATH);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("iothub-messagelocktoken")).isNotEqualTo(lockToken);
    }

    @Test
    void aGatewayTakesABatchAndSettlesIt() throws SQLException {
        var gateway = BackEnd.of(port, AccessPolicy.INTERNAL);
        assertThat(gateway.post("/internal/feedback", "").status()).isEqualTo(204);
        add(record(1, AT));
        var before = Instant.now();
        feedback.close();

        var first = taken(gateway);
        assertThat(first.enqueuedAt())
                .isBetween(before.minusSeconds(10), Instant.now().plusSeconds(10));
        assertThat(first.body()).startsWith("[{\"originalMessageId\":\"m1\",").matches("[ -~&&[^\\\\]]+");
        assertThat(gateway.post("/internal/feedback", "").status()).isEqualTo(204);
        var path = "/internal/feedback/" + first.lockToken();
        assertThat(gateway.post(path + "/abandoned", "").status()).isEqualTo(204);
        assertLost(gateway.post(path + "/completed", ""));

        var again = taken(gateway);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.enqueuedAt()).isEqualTo(first.enqueuedAt());
        assertThat(gateway.post("/internal/feedback/" + again.lockToken() + "/completed", "")
                        .status())
                .isEqualTo(204);
        assertThat(batches()).isZero();
    }

    private static FeedbackDelivery taken(BackEnd gateway) {
        var answer = gateway.post("/internal/feedback", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return HubJson.read(answer.body().getBytes(StandardCharsets.UTF_8), FeedbackDelivery.class);
    }

    @Test
    void aLockEndsAfterAMinute() throws SQLException {
        add(record(1, AT));
        feedback.close();
        var lockToken = service.get(PATH).header("iothub-messagelocktoken");
        assertThat(receive(Duration.ofSeconds(59))).isEmpty();
        assertThat(receive(Duration.ofSeconds(61))).isNotEmpty();
        assertLost(service.delete(PATH + "/" + lockToken));
    }

    @Test
    void aBatchHas64RecordsOrThoseOf15Seconds() throws SQLException {
        var now = Instant.now();
        add(IntStream.range(0, 130).mapToObj(n -> record(n, now)).toArray(FeedbackRecord[]::new));

        assertThat(ahead(Duration.ofSeconds(14)).close()).isTrue();
        ahead(Duration.ofSeconds(14)).close();
        assertThat(ahead(Duration.ofSeconds(14)).close()).isFalse();
        var first = service.get(PATH).json();
        assertThat(first).hasSize(64);
        assertThat(first.get(0).get("originalMessageId").asText()).isEqualTo("m0");
        assertThat(service.get(PATH).json()).hasSize(64);
        assertThat(service.get(PATH).status()).isEqualTo(204);

        ahead(Duration.ofSeconds(16)).close();
        var last = service.get(PATH).json();
        assertThat(last).hasSize(2);
        assertThat(last.get(1).get("originalMessageId").asText()).isEqualTo("m129");
    }

    @Test
    void theServiceMakesBatchesByItself() throws SQLException {
        add(record(1, AT));
        Awaitility.await().until(() -> service.get(PATH).status() == 200);
    }

    @Test
    void aBatchThatNobodyReceivesIsForgottenAfterAnHour() throws SQLException {
        add(record(1, AT));
        feedback.close();
        ahead(Duration.ofMinutes(59)).forget();
        assertThat(batches()).isEqualTo(1);
        assertThat(receive(Duration.ofMinutes(61))).isEmpty();
        ahead(Duration.ofMinutes(61)).forget();
        assertThat(batches()).isZero();
    }

    @Test
    void aBatchThatNobodyCompletesIsForgotten() throws SQLException {
        add(record(1, AT));
        feedback.close();
        for (int n = 0; n <= 10; n++) {
            var lockToken = service.get(PATH).header("iothub-messagelocktoken");
            assertThat(service.post(PATH + "/" + lockToken + "/abandon", "").status())
                    .isEqualTo(204);
        }
        assertThat(service.get(PATH).status()).isEqualTo(204);
        feedback.forget();
        assertThat(batches()).isZero();
    }

    @Test
    void givenManyAtOnce_thenEachRecordIsInOneBatchAndEachBatchGoesToOne() throws Exception {
        add(IntStream.range(0, 640).mapToObj(n -> record(n, AT)).toArray(FeedbackRecord[]::new));
        var seen = new ArrayList<String>();
        Callable<Boolean> closing = () -> {
            while (feedback.close()) {
                // Until there is no full one.
            }
            return true;
        };
        Callable<Answer> receiving = () -> service.get(PATH);
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (var closed : threads.invokeAll(Collections.nCopies(3, closing))) {
                closed.get();
            }
            feedback.close();
            for (var received : threads.invokeAll(Collections.nCopies(20, receiving))) {
                if (received.get().status() == 200) {
                    received.get()
                            .json()
                            .forEach(record ->
                                    seen.add(record.get("originalMessageId").asText()));
                }
            }
        }
        assertThat(seen).hasSize(640).doesNotHaveDuplicates();
    }

    @Test
    void onlyWhoMayConnectAsAServiceReceives() {
        var stranger = BackEnd.of(port, "registryReadWrite");
        assertThat(stranger.get(PATH).status()).isEqualTo(401);
        assertThat(stranger.get("/hub/feedback").status()).isEqualTo(401);
        assertThat(stranger.delete(PATH + "/x").status()).isEqualTo(401);
        assertThat(stranger.post(PATH + "/x/abandon", "").status()).isEqualTo(401);
        assertThat(stranger.post("/internal/feedback", "").status()).isEqualTo(401);
        assertThat(stranger.post("/internal/feedback/x/completed", "").status()).isEqualTo(401);
    }

    private FeedbackRecord record(int number, Instant at) {
        return new FeedbackRecord("m" + number, Outcome.SUCCESS, device, 638, at);
    }

    private void add(FeedbackRecord... records) throws SQLException {
        transactions.run(connection -> {
            FeedbackTable.add(connection, List.of(records));
            return true;
        });
    }

    /** A replica whose clock is ahead. */
    private Feedback ahead(Duration time) {
        return new Feedback(transactions, config, Clock.offset(Clock.systemUTC(), time));
    }

    private List<FeedbackDelivery> receive(Duration ahead) {
        return ahead(ahead).receive().await().indefinitely().stream().toList();
    }

    private static void assertLost(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(412);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("DeviceMessageLockLost");
    }

    private long batches() throws SQLException {
        try (var connection = dataSource.getConnection();
                var rows = connection.createStatement().executeQuery("select count(*) from feedback_batch")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void execute(String statement) throws SQLException {
        try (var connection = dataSource.getConnection();
                var update = connection.createStatement()) {
            update.executeUpdate(statement);
        }
    }
}
