package io.freehub.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A PostgreSQL of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(HubResource.class)
@QuarkusTestResource(value = OwnPostgres.class, restrictToAnnotatedClass = true)
class OutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

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
            OwnPostgres.SERVER.kill();

            assertThat(send(service, "refused")).isEqualTo(503);
            assertThat(service.get("/messages/serviceBound/feedback").status()).isEqualTo(503);
            gateways.settle(session, first.message().lockToken(), Disposition.COMPLETED);
            assertThat(service.get("/q/health/live").status()).isEqualTo(200);
            assertThat(service.get("/q/health/ready").status()).isEqualTo(503);
            OwnPostgres.SERVER.bringBack();

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
}
