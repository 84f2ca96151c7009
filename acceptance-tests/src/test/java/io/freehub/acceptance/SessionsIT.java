package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One session for each device, wherever it connects, and only as long as the registry allows it. */
class SessionsIT {

    private static final int FIRST = TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY);
    private static final int SECOND = TheHub.facts().mqttPorts().get(TheHub.SECOND_GATEWAY);

    @ParameterizedTest
    @CsvSource({
        "gateway-0, gateway-0",
        "gateway-0, gateway-1",
        "gateway-1, gateway-0",
        "gateway-1, gateway-1",
    })
    void newerConnectionDisplacesTheOlderAtAnyGatewayAndTheDeviceStaysConnected(String olderAt, String newerAt)
            throws IOException {
        var device = BackEnd.create("displaced-at-" + olderAt + "-by-" + newerAt);
        try (var older = DeviceConnection.open(device, port(olderAt))) {
            older.send(1);
            until(() -> connectionState(device).equals("Connected"));
            try (var newer = DeviceConnection.open(device, port(newerAt))) {
                assertThat(older.awaitClose()).isTrue();
                newer.send(2);
                // What the older session's end is told by comes later in the log than the newer session's begin.
                // Another
                // device that connects and goes after it marks the place up to which the registry must have read.
                var marker = BackEnd.create(device.id() + "-marker");
                DeviceConnection.open(marker, port(olderAt)).close();
                until(() -> connectionState(marker).equals("Disconnected") && wasConnected(marker));
                assertThat(connectionState(device)).isEqualTo("Connected");
            }
        }
        until(() -> connectionState(device).equals("Disconnected"));
    }

    private static int port(String gateway) {
        return TheHub.facts().mqttPorts().get(gateway);
    }

    private static boolean wasConnected(BackEnd.Device device) {
        return !BackEnd.get(device.id()).at("/lastActivityTime").asText().startsWith("0001");
    }

    @Test
    void disabledDeviceLosesItsConnectionAndComesBackWhenItIsEnabled() throws IOException {
        var device = BackEnd.create("disabled");
        try (var connection = DeviceConnection.open(device, SECOND)) {
            connection.send(1);
            BackEnd.setStatus(device, "disabled");
            closesSoon(connection, "disabled");
        }
        assertThatThrownBy(() -> DeviceConnection.open(device, SECOND)).hasMessage("no CONNACK: 20020005");

        BackEnd.setStatus(device, "enabled");
        try (var connection = DeviceConnection.open(device, SECOND)) {
            connection.send(2);
        }
    }

    @Test
    void deletedDeviceLosesItsConnection() throws IOException {
        var device = BackEnd.create("deleted");
        try (var connection = DeviceConnection.open(device, FIRST)) {
            connection.send(1);
            BackEnd.delete(device.id());
            closesSoon(connection, "deleted");
        }
        assertThatThrownBy(() -> DeviceConnection.open(device, FIRST)).hasMessage("no CONNACK: 20020005");
    }

    @Test
    void identityTellsWhetherTheDeviceIsConnected() throws IOException {
        var device = BackEnd.create("watched");
        assertThat(connectionState(device)).isEqualTo("Disconnected");
        try (var connection = DeviceConnection.open(device, FIRST)) {
            connection.send(1);
            until(() -> connectionState(device).equals("Connected"));
            assertThat(BackEnd.call("GET", "/statistics/service", "")
                            .at("/connectedDeviceCount")
                            .asInt())
                    .isPositive();
        }
        until(() -> connectionState(device).equals("Disconnected"));
    }

    private static void closesSoon(DeviceConnection connection, String why) {
        long answered = System.nanoTime();
        assertThat(connection.awaitClose()).isTrue();
        System.out.printf(
                "%s: the connection closed %d ms after the registry's answer%n",
                why, Duration.ofNanos(System.nanoTime() - answered).toMillis());
    }

    private static String connectionState(BackEnd.Device device) {
        return BackEnd.get(device.id()).at("/connectionState").asText();
    }

    private static void until(BooleanSupplier condition) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition::getAsBoolean);
    }
}
