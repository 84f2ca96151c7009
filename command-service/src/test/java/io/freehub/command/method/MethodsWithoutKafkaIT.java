package io.freehub.command.method;

import static io.freehub.command.method.MethodDevices.answered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.command.BackEnd;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.FakeRegistry;
import io.freehub.command.Gateways;
import io.freehub.command.OwnKafka;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.SessionAddress;
import io.freehub.testing.KafkaToTakeAway;
import io.freehub.testing.PostgresResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Calls and sessions while Kafka is away. */
@QuarkusTest
@QuarkusTestResource(
        value = PostgresResource.class,
        initArgs = @ResourceArg(name = "database", value = CommandServiceTest.DATABASE))
@QuarkusTestResource(value = OwnKafka.class, restrictToAnnotatedClass = true)
class MethodsWithoutKafkaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int GATEWAY = 3;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final KafkaToTakeAway kafka = OwnKafka.BROKER;
    private final IdentityId device = IdentityId.parse(BackEnd.newId());

    @Test
    void givenKafkaAway_thenCallsFailSoonAndNoGatewayIsTakenForGone() throws Exception {
        FakeRegistry.shared().add(device);
        var gateway = new GatewayInstance(GATEWAY, System.currentTimeMillis());
        try (var devices = new MethodDevices(kafka.bootstrapServers());
                var gateways = new Gateways(kafka.bootstrapServers())) {
            devices.attach(device, call -> answered(call, 200, ""));
            gateways.open(new SessionAddress(device, "001", GATEWAY), 1, gateway.incarnation());
            await().until(() -> isConnected());
            assertThat(call()).isEqualTo(200);
            kafka.takeAway();

            long begun = System.nanoTime();
            assertThat(call()).isEqualTo(503);
            assertThat(call()).isEqualTo(503);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(12));
            // Longer than a gateway may be silent.
            await().during(Duration.ofSeconds(6)).atMost(PATIENCE).until(this::isConnected);
            kafka.bringBack();
            gateways.alive(gateway, Instant.now());

            await().atMost(PATIENCE).until(() -> call() == 200);
            assertThat(isConnected()).isTrue();
            await().atMost(PATIENCE).until(() -> !isConnected());
            gateways.alive(gateway, Instant.now());
            await().atMost(PATIENCE).until(this::isConnected);
            assertThat(BackEnd.of(port, "service").get("/q/health/live").status())
                    .isEqualTo(200);
        }
    }

    private boolean isConnected() {
        return BackEnd.of(port, "operator")
                        .get("/hub/sessions?gateway=" + GATEWAY + "&deviceId=" + device)
                        .json()
                        .size()
                == 1;
    }

    private int call() {
        return BackEnd.of(port, "service")
                .post("/twins/" + device + "/methods", "{\"methodName\":\"m\",\"responseTimeoutInSeconds\":20}")
                .status();
    }
}
