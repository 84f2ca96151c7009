package io.freehub.command.method;

import static io.freehub.command.method.MethodDevices.answered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.command.BackEnd;
import io.freehub.command.FakeRegistry;
import io.freehub.command.HubResource;
import io.freehub.command.OwnPostgres;
import io.freehub.model.IdentityId;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.RestCaller.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A PostgreSQL of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(HubResource.class)
@QuarkusTestResource(value = OwnPostgres.class, restrictToAnnotatedClass = true)
class MethodOutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    Calls calls;

    private final IdentityId device = IdentityId.parse(BackEnd.newId());

    @Test
    void givenPostgresKilled_thenCallsAreAnswered503AndThoseThatWaitGoOnOnceItIsBack() throws Exception {
        var absent = IdentityId.parse(BackEnd.newId());
        FakeRegistry.shared().add(device);
        FakeRegistry.shared().add(absent);
        try (var devices = new MethodDevices();
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var session = devices.attach(
                    device, call -> call.method().equals("late") ? Optional.empty() : answered(call, 200, "1"));
            assertThat(call(device, "m", 0).status()).isEqualTo(200);
            var waiting = callers.submit(() -> call(absent, "m", 60));
            var late = callers.submit(() -> call(device, "late", 0));
            session.awaitCall();
            var called = session.awaitCall();
            await().until(() -> calls.count() == 2);
            OwnPostgres.SERVER.kill();

            var during = call(device, "m", 0);
            assertThat(during.status()).as(during.body()).isEqualTo(503);
            assertThat(during.text("/Message")).contains("\"errorCode\":503001");
            devices.reply(called, answered(called, 200, "2"));
            assertThat(late.get(5, TimeUnit.SECONDS).body()).isEqualTo("{\"status\":200,\"payload\":2}");
            assertThat(BackEnd.of(port, "operator").get("/hub/sessions").status())
                    .isEqualTo(503);
            assertThat(BackEnd.of(port, "operator").get("/q/health/live").status())
                    .isEqualTo(200);

            OwnPostgres.SERVER.bringBack();

            await().atMost(PATIENCE).until(() -> call(device, "m", 0).status() == 200);
            devices.attach(absent, call -> answered(call, 200, "3"));
            assertThat(waiting.get(20, TimeUnit.SECONDS).body()).isEqualTo("{\"status\":200,\"payload\":3}");
        }
    }

    private Answer call(IdentityId identity, String method, int connectSeconds) {
        return BackEnd.of(port, "service")
                .post(
                        "/twins/" + identity + "/methods",
                        "{\"methodName\":\"" + method
                                + "\",\"responseTimeoutInSeconds\":60,\"connectTimeoutInSeconds\":" + connectSeconds
                                + "}");
    }
}
