package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.InternalClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.twin.TwinCollection;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Twins of devices and modules with Azure's SDK for Java as Maven has it. */
class JavaDeviceTwinsIT {

    private final TwinClient service = new TwinClient(TheHub.connectionString());
    private final BlockingQueue<TwinCollection> told = new LinkedBlockingQueue<>();

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"MQTT", "MQTT_WS", "AMQPS", "AMQPS_WS"})
    void deviceReportsAndIsTold(IotHubClientProtocol protocol) throws Exception {
        var device = BackEnd.create("java-device-twin-" + protocol);
        var id = device.id().value();
        var client = new DeviceClient(device.connectionString(), protocol, trustingOptions());
        try {
            client.open(false);
            client.subscribeToDesiredProperties((twin, _) -> told.add(twin.getDesiredProperties()), null);
            var fresh = new JavaTwin(client).get();
            assertThat(fresh.getDesiredProperties()).isEmpty();
            assertThat(fresh.getDesiredProperties().getVersion()).isEqualTo(1);
            assertThat(fresh.getReportedProperties().getVersion()).isEqualTo(1);

            assertThat(report(client, Map.of("battery", 55, "fan", Map.of("speed", 3))))
                    .isEqualTo(2);
            var removal = new TwinCollection();
            removal.put("battery", null);
            removal.setVersion(2);
            assertThat(new JavaTwin(client).report(removal)).isEqualTo(3);
            // The same again names a version that is no more.
            assertThatThrownBy(() -> new JavaTwin(client).report(removal)).isInstanceOf(IotHubClientException.class);
            assertThatThrownBy(() -> report(client, Map.of("text", "x".repeat(4097))))
                    .isInstanceOf(IotHubClientException.class);
            var reported = service.get(id).getReportedProperties();
            assertThat(reported).containsOnlyKeys("fan");
            assertThat(reported.getVersion()).isEqualTo(3);

            var patch = new Twin(id);
            patch.getDesiredProperties().put("interval", 60);
            patch.getDesiredProperties().put("unit", "s");
            service.patch(patch);
            assertThat(next(2)).containsOnlyKeys("interval", "unit");
            var replacement = new Twin(id);
            replacement.getDesiredProperties().put("interval", 30);
            service.replace(replacement);
            assertThat(next(3)).containsOnlyKeys("interval");
        } finally {
            client.close();
        }

        var missed = new Twin(id);
        missed.getDesiredProperties().put("interval", 10);
        service.patch(missed);
        var again = new DeviceClient(device.connectionString(), protocol, trustingOptions());
        try {
            again.open(false);
            again.subscribeToDesiredProperties((twin, _) -> told.add(twin.getDesiredProperties()), null);
            var twin = new JavaTwin(again).get();
            assertThat(twin.getDesiredProperties().getVersion()).isEqualTo(4);
            assertThat(((Number) twin.getDesiredProperties().get("interval")).intValue())
                    .isEqualTo(10);
            assertThat(told).isEmpty();
        } finally {
            again.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"MQTT", "AMQPS", "AMQPS_WS"})
    void moduleHasATwinOfItsOwn(IotHubClientProtocol protocol) throws Exception {
        var id = "java-module-twin-" + protocol;
        var device = BackEnd.create(id);
        var module = BackEnd.create(device, "burner");
        var client = new ModuleClient(module.connectionString(), protocol, trustingOptions());
        try {
            client.open(false);
            client.subscribeToDesiredProperties((twin, _) -> told.add(twin.getDesiredProperties()), null);
            assertThat(report(client, Map.of("lit", true))).isEqualTo(2);
            var patch = new Twin(id, "burner");
            patch.getDesiredProperties().put("on", true);
            service.patch(patch);

            assertThat(next(2)).containsEntry("on", true);
            assertThat(new JavaTwin(client).get().getReportedProperties()).containsEntry("lit", true);
            assertThat(service.get(id, "burner").getReportedProperties()).containsEntry("lit", true);
            assertThat(service.get(id).getReportedProperties()).isEmpty();
        } finally {
            client.close();
        }
    }

    private static int report(InternalClient client, Map<String, Object> properties) throws Exception {
        return new JavaTwin(client).report(new TwinCollection(properties));
    }

    private TwinCollection next(int version) throws InterruptedException {
        var next = told.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("the device was told").isNotNull();
        assertThat(next.getVersion()).isEqualTo(version);
        return next;
    }

    private static ClientOptions trustingOptions() {
        return ClientOptions.builder().sslContext(TheHub.trustingContext()).build();
    }
}
