package io.freehub.twin.device;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agroal.api.AgroalDataSource;
import io.freehub.model.Downlink;
import io.freehub.model.Downlink.TwinAnswered;
import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinServiceTest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What devices ask, by way of Kafka, and what comes back. */
@TwinServiceTest
class TwinRequestsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final AgroalDataSource dataSource;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final IdentityId module = IdentityId.parse(device + "/m");
    private BackEnd service;
    private Devices devices;
    private long generation;

    TwinRequestsIT(AgroalDataSource dataSource) {
        this.dataSource = dataSource;
    }

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
        devices = new Devices();
        generation = registry.addDevice(device);
    }

    @AfterEach
    void close() {
        devices.close();
    }

    @Test
    void deviceReadsItsPropertiesAndNothingElse() {
        service.patch("/twins/" + device, "{\"tags\":{\"t\":1},\"properties\":{\"desired\":{\"a\":1.0}}}");
        var session = devices.session(device, generation);

        session.report("r-1", "{\"b\":{\"c\":2}}");
        session.get("abc-1/ü");

        assertThat(session.await(2))
                .containsExactly(
                        new TwinAnswered(session.address(), "r-1", 204, Optional.of(2L), ""),
                        new TwinAnswered(
                                session.address(),
                                "abc-1/ü",
                                200,
                                Optional.empty(),
                                "{\"desired\":{\"a\":1.0,\"$version\":2},\"reported\":{\"b\":{\"c\":2},\"$version\":2}}"));
    }

    @Test
    void twinBeginsWhenItsDeviceAsksBeforeTheEventOfItsCreationIsRead() {
        var moduleGeneration = registry.addModule(module);
        var ofDevice = devices.session(device, generation);
        var ofModule = devices.session(module, moduleGeneration, 0);

        ofDevice.get("1");
        ofModule.report("2", "{\"a\":1}");

        assertThat(ofDevice.await(1))
                .extracting(Downlink.class::cast)
                .containsExactly(new TwinAnswered(
                        ofDevice.address(),
                        "1",
                        200,
                        Optional.empty(),
                        "{\"desired\":{\"$version\":1},\"reported\":{\"$version\":1}}"));
        assertThat(answer(ofModule.await(1).getFirst()).status()).isEqualTo(204);
        assertThat(service.get("/twins/" + device + "/modules/m").text("/properties/reported/a"))
                .isEqualTo("1");
    }

    @Test
    void eachReportCountsAndIsTold() {
        try (var changes = TopicReader.fromNow(Topic.TWIN_CHANGES.name())) {
            var session = devices.session(device, generation);
            session.report("1", "{\"a\":1,\"b\":{\"c\":1.0}}");
            session.report("2", "{\"a\":null,\"b\":{\"d\":true}}");
            session.report("3", "{}");

            assertThat(session.await(3))
                    .extracting(answered -> answer(answered).version())
                    .containsExactly(Optional.of(2L), Optional.of(3L), Optional.of(4L));
            var twin = service.get("/twins/" + device);
            assertThat(twin.json().at("/properties/reported/b").toString()).isEqualTo("{\"c\":1.0,\"d\":true}");
            assertThat(twin.json().at("/properties/reported").has("a")).isFalse();
            assertThat(twin.text("/properties/reported/$version")).isEqualTo("4");
            assertThat(twin.text("/version")).isEqualTo("5");
            assertThat(twin.text("/etag")).isEqualTo("AAAAAAAAAAE=");
            assertThat(twin.json().at("/properties/reported/$metadata/b/d").fieldNames())
                    .toIterable()
                    .containsExactly("$lastUpdated");

            var told =
                    changes
                            .awaitCount(4, record -> record.key().equals(device.toString()), TopicReader.PATIENCE)
                            .stream()
                            .map(record -> (TwinChange) HubJson.read(record.value(), TwinChange.class))
                            .filter(change -> !(change instanceof TwinChange.Begun))
                            .toList();
            assertThat(told).extracting(TwinChange::version).containsExactly(3L, 4L, 5L);
            assertThat(told.get(1).body())
                    .startsWith("{\"version\":4,\"properties\":{\"reported\":{\"a\":null,\"b\":{\"d\":true},"
                            + "\"$metadata\":{\"$lastUpdated\":\"")
                    .endsWith("\"$version\":3}}}")
                    .doesNotContain("lastUpdatedVersion");
        }
    }

    @Test
    void wrongRequestIsAnsweredAndSpoilsNothing() throws Exception {
        var session = devices.session(device, generation);
        session.report("good-1", "{\"a\":1}");
        session.report("key", "{\"x\":{\"a.b\":1}}");
        session.report("surrogate", "{\"\\ud800.\":1}");
        session.report("json", "{\"a\":");
        session.report("array", "[]");
        session.report("nul", "{\"a\":\"\\u0000\"}");
        session.report("version", "{\"a\":2}", 1);
        session.report("large", "{\"l\":[" + ("\"" + "x".repeat(4000) + "\",").repeat(9) + "1]}");
        session.report("text", "{\"l\":[" + "[],".repeat(40_000) + "[]]}");
        session.report("text", "{\"m\":[" + "[],".repeat(40_000) + "[]]}");
        session.report("text", "{\"n\":[" + "[],".repeat(40_000) + "[]]}");
        session.report("good-2", "{\"a\":3}", 4);

        var answers = session.await(12).stream().map(TwinRequestsIT::answer).toList();

        assertThat(answers)
                .extracting(TwinAnswered::status)
                .containsExactly(204, 400, 400, 400, 400, 400, 412, 400, 204, 204, 400, 204);
        var key = JSON.readTree(answers.get(1).body());
        assertThat(key.at("/errorCode").asInt()).isEqualTo(400004);
        assertThat(key.at("/message").asText())
                .contains("properties.reported.x")
                .contains("a.b");
        assertThat(key.at("/trackingId").asText()).startsWith(session.address().session());
        assertThat(key.at("/timestampUtc").asText()).endsWith("Z");
        assertThat(answers.get(6).body()).contains("412001");
        assertThat(answers.get(7).body()).contains("properties.reported would be");
        assertThat(answers.getLast().version()).contains(5L);
        assertThat(service.get("/twins/" + device).text("/properties/reported/a"))
                .isEqualTo("3");
    }

    @Test
    void sessionOfAnEarlierLifeHasNoSay() {
        var old = devices.session(device, generation);
        old.report("1", "{\"a\":1}");
        old.await(1);
        var now = devices.session(device, registry.addDevice(device));

        now.report("2", "{\"b\":1}");
        old.report("3", "{\"a\":2}");
        old.observe(4);

        assertThat(answer(now.await(1).getFirst()).version()).contains(2L);
        assertThat(answer(old.await(3).get(1)).status()).isEqualTo(404);
        assertThat(old.await(3).get(2)).isEqualTo(new Downlink.ObserveAnswered(old.address(), 4, 404));
        assertThat(service.get("/twins/" + device)
                        .json()
                        .at("/properties/reported")
                        .has("a"))
                .isFalse();
    }

    @Test
    void deviceThatTheRegistryDoesNotKnowHasNoTwin() {
        registry.remove(device);
        var session = devices.session(device, generation);

        session.get("1");

        assertThat(answer(session.await(1).getFirst()).status()).isEqualTo(404);
    }

    @Test
    void givenRegistryThatFails_whenTwinIsNotThereYet_thenAskedToComeAgain() {
        registry.failAfter(device, 0);
        var session = devices.session(device, generation);

        session.get("1");
        session.await(1);
        session.get("2");

        assertThat(session.await(2))
                .extracting(answered -> answer(answered).status())
                .containsExactly(503, 200);
    }

    @Test
    void watcherIsToldOfEachWriteOfDesiredProperties() {
        service.patch("/twins/" + device, "{\"properties\":{\"desired\":{\"before\":1}}}");
        var session = devices.session(device, generation);
        session.observe(7);
        assertThat(session.await(1)).containsExactly(new Downlink.ObserveAnswered(session.address(), 7, 200));

        service.patch("/twins/" + device, "{\"properties\":{\"desired\":{\"a\":{\"b\":1.0},\"before\":null}}}");
        service.patch("/twins/" + device, "{\"tags\":{\"t\":1}}");
        service.put("/twins/" + device, "{\"properties\":{\"desired\":{\"c\":2}}}");
        service.patch("/twins/" + device, "{\"properties\":{\"desired\":null}}");

        assertThat(session.await(4).subList(1, 4))
                .containsExactly(
                        new Downlink.DesiredChanged(
                                session.address(), 3, "{\"a\":{\"b\":1.0},\"before\":null,\"$version\":3}"),
                        new Downlink.DesiredChanged(session.address(), 4, "{\"c\":2,\"$version\":4}"),
                        new Downlink.DesiredChanged(session.address(), 5, "{\"c\":null,\"$version\":5}"));
    }

    @Test
    void onlyTheSessionThatAskedLastIsToldUntilItAsksNoMore() {
        var first = devices.session(device, generation);
        var second = devices.session(device, generation, 1);
        first.observe(1);
        second.observe(1);
        first.unobserve();
        first.get("end");
        first.await(2);

        service.patch("/twins/" + device, "{\"properties\":{\"desired\":{\"a\":1}}}");
        assertThat(second.await(2).get(1))
                .isEqualTo(new Downlink.DesiredChanged(second.address(), 2, "{\"a\":1,\"$version\":2}"));
        second.unobserve();
        second.get("end");
        second.await(3);
        service.patch("/twins/" + device, "{\"properties\":{\"desired\":{\"a\":2}}}");
        second.get("after");

        assertThat(second.await(4))
                .noneMatch(told -> told instanceof Downlink.DesiredChanged change && change.version() > 2);
        assertThat(first.received()).hasSize(2);
    }

    @Test
    void watcherOfAnEarlierLifeIsNotTold() {
        var old = devices.session(device, generation);
        old.observe(1);
        old.await(1);
        registry.addDevice(device);

        service.patch("/twins/" + device, "{\"properties\":{\"desired\":{\"a\":1}}}");
        old.get("after");

        assertThat(old.await(2)).noneMatch(Downlink.DesiredChanged.class::isInstance);
    }

    @Test
    void givenKafkaThatWantsAllReadAgain_whenPartitionsComeBack_thenNothingCountsTwice() {
        var session = devices.session(device, generation);
        IntStream.range(0, 700).forEach(i -> session.report("before-" + i, "{\"n\":" + i + "}"));
        session.await(700);

        takeAllPartitionsAndForgetTheirPositions();
        IntStream.range(0, 100).forEach(i -> session.report("after-" + i, "{\"n\":" + i + "}"));

        assertThat(session.await(800).stream().map(TwinRequestsIT::answer).map(answer -> answer.version()
                        .orElseThrow()))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(2, 801).boxed().toList());
        assertThat(session.received()).hasSize(800);
    }

    /** Another member of the group, which commits the beginning of each partition and goes. */
    private static void takeAllPartitionsAndForgetTheirPositions() {
        try (var other = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        TestKafka.bootstrapServers(),
                        "group.id",
                        "twin-requests",
                        "enable.auto.commit",
                        false),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            other.subscribe(List.of(Topic.TWIN_REQUESTS.name()));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                other.poll(Duration.ofMillis(100));
                return !other.assignment().isEmpty();
            });
            for (TopicPartition partition : other.assignment()) {
                other.commitSync(Map.of(partition, new OffsetAndMetadata(0)));
            }
        }
    }

    @Test
    void positionThatIsNotInTheLogIsItsBeginning() throws Exception {
        int partition = 1000;
        try (var connection = dataSource.getConnection()) {
            assertThat(RequestPositions.readOn(connection, partition, 5, 20)).isEqualTo(5);
            assertThat(RequestPositions.readOn(connection, partition, 0, 20)).isEqualTo(5);
            assertThat(RequestPositions.readOn(connection, partition, 7, 20))
                    .as("older records are gone")
                    .isEqualTo(7);
            assertThat(RequestPositions.readOn(connection, partition, 0, 6))
                    .as("the log was lost")
                    .isEqualTo(0);
        }
    }

    @Test
    void givenReportThatTheDatabaseRefuses_whenAnswered_thenItAloneFailsAndTheRestGoesOn() throws Exception {
        var moduleGeneration = registry.addModule(module);
        var good = devices.session(device, generation);
        var bad = devices.session(module, moduleGeneration);
        good.get("begin");
        bad.observe(1);
        good.await(1);
        bad.await(1);
        run("alter table twin add constraint refused check (id <> '" + module + "' or reported_version = 1) not valid");
        try {
            for (int i = 0; i < 20; i++) {
                good.report("good-" + i, "{\"n\":" + i + "}");
                bad.report("bad-" + i, "{\"n\":" + i + "}");
            }
            assertThat(good.await(21).subList(1, 21).stream()
                            .map(answered -> answer(answered).version().orElseThrow()))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(2, 21).boxed().toList());
            assertThat(bad.await(21).subList(1, 21))
                    .extracting(answered -> answer(answered).status())
                    .containsOnly(500);
        } finally {
            run("alter table twin drop constraint refused");
        }
        bad.report("mended", "{\"n\":20}");
        assertThat(answer(bad.await(22).getLast()).version()).contains(2L);
    }

    @Test
    void givenTwinThatCannotBeRead_whenAskedFor_thenItAloneFailsAndTheRestGoesOn() throws Exception {
        var moduleGeneration = registry.addModule(module);
        var good = devices.session(device, generation);
        var bad = devices.session(module, moduleGeneration);
        bad.get("1");
        bad.await(1);
        run("update twin set reported_metadata = '{}' where id = '" + module + "'");

        bad.get("2");
        bad.observe(3);
        good.report("4", "{\"a\":1}");

        assertThat(answer(good.await(1).getFirst()).status()).isEqualTo(204);
        assertThat(answer(bad.await(3).get(1)).status()).isEqualTo(500);
        assertThat(bad.await(3).get(2)).isEqualTo(new Downlink.ObserveAnswered(bad.address(), 3, 500));
    }

    @Test
    void manyLargeAnswersComeInOrderThoughNotTogether() {
        var session = devices.session(device, generation);
        session.report("0", "{\"l\":[" + "[],".repeat(40_000) + "[]]}");
        session.report("0", "{\"m\":[" + "[],".repeat(40_000) + "[]]}");
        session.await(2);

        IntStream.range(0, 90).forEach(i -> session.get("get-" + i));

        assertThat(session.await(92).subList(2, 92))
                .extracting(answered -> answer(answered).requestId())
                .containsExactlyElementsOf(
                        IntStream.range(0, 90).mapToObj(i -> "get-" + i).toList());
    }

    private void run(String sql) throws SQLException {
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void operationsAreCounted() {
        var session = devices.session(device, generation);
        session.report("1", "{\"a\":1}");
        session.report("2", "{\"a.b\":1}");
        session.get("3");
        session.await(3);

        var metrics = service.get("/q/metrics?no-version").body();
        assertThat(metrics)
                .containsPattern(
                        "freehub_twin_operations_total\\{op=\"update\",origin=\"device\",result=\"success\"} [1-9]")
                .containsPattern(
                        "freehub_twin_operations_total\\{op=\"update\",origin=\"device\",result=\"failure\"} [1-9]")
                .containsPattern(
                        "freehub_twin_operations_total\\{op=\"read\",origin=\"device\",result=\"success\"} [1-9]")
                .containsPattern("freehub_twin_bytes_total\\{op=\"read\",origin=\"device\"} [1-9]");
    }

    private static TwinAnswered answer(Downlink downlink) {
        return (TwinAnswered) downlink;
    }
}
