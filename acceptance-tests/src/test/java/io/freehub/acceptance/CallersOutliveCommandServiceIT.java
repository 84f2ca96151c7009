package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whoever waits for a device when command-service is killed is told at once, and may try again. */
class CallersOutliveCommandServiceIT {

    private static final int SOON = 20;

    @Test
    void killedWhileACallWaits() throws Exception {
        var device = BackEnd.create("called-when-command-service-dies");
        int port = TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var connection = DeviceConnection.open(device, port)) {
            connection.takeCalls();
            var answer = threads.submit(() -> BackEnd.tryMethod(device, 60));
            connection.ignoreCall();
            TheHub.hub().kill("command");
            assertThat(answer.get(SOON, TimeUnit.SECONDS))
                    .as("long before the device's time is over")
                    .isEqualTo(503);
            TheHub.hub().awaitReady(Duration.ofSeconds(120));

            // The device is still known to take calls.
            var again = threads.submit(() -> BackEnd.tryMethod(device, 5));
            connection.ignoreCall();
            assertThat(again.get(SOON, TimeUnit.SECONDS)).isEqualTo(504);
        }
    }
}
