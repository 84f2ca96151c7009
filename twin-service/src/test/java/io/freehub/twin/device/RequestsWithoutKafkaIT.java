package io.freehub.twin.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.model.Downlink;
import io.freehub.model.Downlink.TwinAnswered;
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
import java.util.stream.LongStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Twins while Kafka is away. */
@QuarkusTest
@QuarkusTestResource(
        value = PostgresResource.class,
        initArgs = @ResourceArg(name = "database", value = TwinServiceTest.DATABASE))
@QuarkusTestResource(value = OwnKafka.class, restrictToAnnotatedClass = true)
class RequestsWithoutKafkaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final KafkaToTakeAway kafka = OwnKafka.BROKER;
    private final IdentityId device = IdentityId.parse(BackEnd.newId());

    @Test
    void givenKafkaAway_whenDeviceReportsAndBackEndWrites_thenAllIsAnsweredAndToldOnceKafkaIsBack() {
        var service = BackEnd.of(port, "service");
        var path = "/twins/" + device;
        try (var devices = new Devices(kafka.bootstrapServers())) {
            var session = devices.session(device, FakeRegistry.shared().addDevice(device));
            session.observe(1);
            session.report("0", "{\"n\":0}");
            session.await(2, PATIENCE);
            kafka.takeAway();

            IntStream.rangeClosed(1, 5).forEach(n -> session.report("" + n, "{\"n\":" + n + "}"));
            for (int n = 1; n <= 3; n++) {
                var written = service.patch(path, "{\"properties\":{\"desired\":{\"d\":" + n + "}}}");
                assertThat(written.status()).as(written.body()).isEqualTo(200);
            }
            var during = service.get(path);
            assertThat(during.text("/properties/desired/d")).isEqualTo("3");
            assertThat(during.text("/properties/reported/n")).isEqualTo("0");
            assertThat(service.get("/q/health/live").status()).isEqualTo(200);

            kafka.bringBack();

            var told = session.await(2 + 5 + 3, PATIENCE).stream().distinct().toList();
            assertThat(told.stream()
                            .filter(TwinAnswered.class::isInstance)
                            .map(answer -> ((TwinAnswered) answer).version().orElseThrow()))
                    .containsExactly(2L, 3L, 4L, 5L, 6L, 7L);
            assertThat(told.stream()
                            .filter(Downlink.DesiredChanged.class::isInstance)
                            .map(change -> ((Downlink.DesiredChanged) change).version()))
                    .containsExactly(2L, 3L, 4L);
            assertThat(service.get(path).text("/properties/reported/n")).isEqualTo("5");
            assertThat(service.get(path).text("/properties/reported/$version")).isEqualTo("7");
        }
        try (var changes = TopicReader.fromStart(kafka.bootstrapServers(), Topic.TWIN_CHANGES.name())) {
            // The twin begins with version 2, and each write of either side makes one more.
            var versions = LongStream.rangeClosed(3, 11).boxed().toList();
            changes.await(record -> record.key().equals(device.toString()) && version(record.value()) == 11, PATIENCE);
            assertThat(changes.awaitCount(10, record -> record.key().equals(device.toString()), PATIENCE).stream()
                            .map(record -> version(record.value()))
                            .filter(version -> version > 2)
                            .distinct())
                    .containsExactlyElementsOf(versions);
        }
        await().atMost(PATIENCE).until(() -> service.get("/q/health/ready").status() == 200);
    }

    private static long version(byte[] change) {
        return HubJson.read(change, TwinChange.class).version();
    }
}
