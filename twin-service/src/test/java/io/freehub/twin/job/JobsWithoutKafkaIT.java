package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaToTakeAway;
import io.freehub.testing.PostgresResource;
import io.freehub.testing.TopicReader;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.OwnKafka;
import io.freehub.twin.TwinServiceTest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A Kafka of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(
        value = PostgresResource.class,
        initArgs = @ResourceArg(name = "database", value = TwinServiceTest.DATABASE))
@QuarkusTestResource(value = OwnKafka.class, restrictToAnnotatedClass = true)
class JobsWithoutKafkaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DEVICES = 150;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final KafkaToTakeAway kafka = OwnKafka.BROKER;
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
        kafka.takeAway();

        var created = service.put(
                "/jobs/v2/" + fleet,
                "{\"type\":\"scheduleUpdateTwin\",\"queryCondition\":\"STARTSWITH(deviceId, '" + fleet
                        + "')\",\"updateTwin\":{\"tags\":{\"a\":1}}}");

        assertThat(created.status()).as(created.body()).isEqualTo(200);
        await().atMost(PATIENCE)
                .until(() -> service.get("/jobs/v2/" + fleet).text("/status").equals("completed"));
        assertThat(service.get("/jobs/v2/" + fleet).text("/deviceJobStatistics/succeededCount"))
                .isEqualTo(Integer.toString(DEVICES));

        kafka.bringBack();

        try (var changes = TopicReader.fromStart(kafka.bootstrapServers(), Topic.TWIN_CHANGES.name())) {
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
}
