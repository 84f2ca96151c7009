package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One session for each device, wherever it connects, and only as long as the registry allows it. */
class SessionsIT {

    private static final int FIRST = TheHub.facts().mqttPorts().get(TheHub.FIRST_GATEWAY);
    private static final int SECOND = TheHub.facts().mqttPorts().get(TheHub.SECOND_GATEWAY);

    @ParameterizedTest
    @ValueSource(strings = {TheHub.FIRST_GATEWAY, TheHub.SECOND_GATEWAY})
    void newerConnectionDisplacesTheOlderAtAnyGateway(String newerAt) throws IOException {
        var device = BackEnd.create("displaced-by-" + newerAt);
        try (var older = DeviceConnection.open(device, FIRST)) {
            older.send(1);
            try (var newer =
                    DeviceConnection.open(device, TheHub.facts().mqttPorts().get(newerAt))) {
                assertThat(older.awaitClose()).isTrue();
                newer.send(2);
            }
        }
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
