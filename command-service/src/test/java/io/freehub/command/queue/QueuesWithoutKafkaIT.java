package io.freehub.command.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.command.BackEnd;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.FakeRegistry;
import io.freehub.command.Gateways;
import io.freehub.command.OwnKafka;
import io.freehub.model.Disposition;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.testing.KafkaToTakeAway;
import io.freehub.testing.PostgresResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Messages while Kafka is away. */
@QuarkusTest
@QuarkusTestResource(
        value = PostgresResource.class,
        initArgs = @ResourceArg(name = "database", value = CommandServiceTest.DATABASE))
@QuarkusTestResource(value = OwnKafka.class, restrictToAnnotatedClass = true)
class QueuesWithoutKafkaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final KafkaToTakeAway kafka = OwnKafka.BROKER;
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final SessionAddress session = new SessionAddress(device, "001-" + device, 0);

    @Test
    void givenKafkaAway_whenMessagesAreSent_thenTheyAreDeliveredInOrderOnceItIsBack() {
        var service = BackEnd.of(port, "service");
        long generation = FakeRegistry.shared().add(device);
        try (var gateways = new Gateways(kafka.bootstrapServers());
                var downlinks = new Downlinks(kafka.bootstrapServers())) {
            gateways.attach(session, generation, 1, Link.MESSAGES, 3);
            send(service, 0);
            var before = downlinks.await(session, 1, PATIENCE).getFirst();
            kafka.takeAway();

            IntStream.rangeClosed(1, 5).forEach(n -> send(service, n));
            assertThat(service.get("/q/health/live").status()).isEqualTo(200);
            kafka.bringBack();

            gateways.settle(session, before.message().lockToken(), Disposition.COMPLETED);
            downlinks.await(session, 4, PATIENCE);
            downlinks
                    .await(session, 4, PATIENCE)
                    .forEach(delivered ->
                            gateways.settle(session, delivered.message().lockToken(), Disposition.COMPLETED));
            var all = downlinks.await(session, 6, PATIENCE);
            assertThat(all.stream().map(Downlinks::text).distinct()).containsExactly("0", "1", "2", "3", "4", "5");
        }
        await().atMost(PATIENCE).until(() -> service.get("/q/health/ready").status() == 200);
    }

    private void send(BackEnd service, int number) {
        var sent = service.post("/devices/" + device + "/messages/deviceBound", "" + number);
        assertThat(sent.status()).as(sent.body()).isEqualTo(204);
    }
}
