package io.freehub.acceptance;

import static io.freehub.model.SystemProperty.CONNECTION_DEVICE_ID;
import static io.freehub.model.SystemProperty.CONNECTION_MODULE_ID;
import static io.freehub.model.SystemProperty.CONTENT_ENCODING;
import static io.freehub.model.SystemProperty.CONTENT_TYPE;
import static io.freehub.model.SystemProperty.CORRELATION_ID;
import static io.freehub.model.SystemProperty.MESSAGE_ID;
import static io.freehub.model.SystemProperty.SUBJECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubStatusCode;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.ModuleClient;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.transport.IotHubConnectionStatus;
import com.microsoft.azure.sdk.iot.device.transport.NoRetry;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubConflictException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubNotFoundException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubPreconditionFailedException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubUnauthorizedException;
import com.microsoft.azure.sdk.iot.service.registry.Device;
import com.microsoft.azure.sdk.iot.service.registry.DeviceConnectionState;
import com.microsoft.azure.sdk.iot.service.registry.DeviceStatus;
import com.microsoft.azure.sdk.iot.service.registry.Module;
import com.microsoft.azure.sdk.iot.service.registry.RegistryClient;
import com.microsoft.azure.sdk.iot.service.twin.DeviceCapabilities;
import io.freehub.model.ConnectionString;
import io.freehub.model.DeviceId;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SymmetricKey;
import io.freehub.testing.TopicReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Azure's SDKs for Java as Maven has them. */
class JavaSdkIT {

    @Test
    void backEndManagesIdentities() throws Exception {
        var registry = new RegistryClient(TheHub.connectionString());

        var created = registry.addDevice(new Device("java-managed"));
        assertThat(created.getStatus()).isEqualTo(DeviceStatus.Enabled);
        assertThat(created.getPrimaryKey()).isNotEmpty();
        assertThatThrownBy(() -> registry.addDevice(new Device("java-managed")))
                .isInstanceOf(IotHubConflictException.class);

        var got = registry.getDevice("java-managed");
        assertThat(got.getPrimaryKey()).isEqualTo(created.getPrimaryKey());
        got.setStatus(DeviceStatus.Disabled);
        assertThat(registry.updateDevice(got).getStatus()).isEqualTo(DeviceStatus.Disabled);

        var statistics = registry.getStatistics();
        assertThat(statistics.getDisabledDeviceCount()).isPositive();
        assertThat(statistics.getTotalDeviceCount()).isGreaterThanOrEqualTo(statistics.getDisabledDeviceCount());

        registry.removeDevice("java-managed");
        assertThatThrownBy(() -> registry.getDevice("java-managed")).isInstanceOf(IotHubNotFoundException.class);
    }

    @Test
    void backEndWithAStaleTagIsToldSo() throws Exception {
        var registry = new RegistryClient(TheHub.connectionString());
        var stale = registry.addDevice(new Device("java-stale"));
        var current = registry.updateDevice(registry.getDevice("java-stale"));
        var module = registry.addModule(new Module("java-stale", "burner"));
        registry.updateModule(registry.getModule("java-stale", "burner"));

        assertThatThrownBy(() -> registry.removeDevice(stale)).isInstanceOf(IotHubPreconditionFailedException.class);
        assertThatThrownBy(() -> registry.removeModule(module)).isInstanceOf(IotHubPreconditionFailedException.class);

        registry.removeDevice(current);
        assertThatThrownBy(() -> registry.getDevice("java-stale")).isInstanceOf(IotHubNotFoundException.class);
    }

    @Test
    void backEndManagesModules() throws Exception {
        var registry = new RegistryClient(TheHub.connectionString());
        var device = new Device("java-modules");
        var capabilities = new DeviceCapabilities();
        capabilities.setIotEdge(true);
        device.setCapabilities(capabilities);
        registry.addDevice(device);

        var added = registry.addModule(new Module("java-modules", "burner"));
        assertThat(added.getId()).isEqualTo("burner");
        assertThat(added.getPrimaryKey()).isNotEmpty();
        assertThatThrownBy(() -> registry.addModule(new Module("java-modules", "burner")))
                .isInstanceOf(IotHubConflictException.class);
        assertThatThrownBy(() -> registry.addModule(new Module("java-modules-no", "burner")))
                .isInstanceOf(IotHubNotFoundException.class);

        var got = registry.getModule("java-modules", "burner");
        assertThat(got.getPrimaryKey()).isEqualTo(added.getPrimaryKey());
        var updated = registry.updateModule(got);
        assertThat(updated.getPrimaryKey()).isEqualTo(added.getPrimaryKey());
        assertThat(updated.getETag()).isNotEqualTo(got.getETag());
        assertThat(registry.getModulesOnDevice("java-modules"))
                .extracting(Module::getId, Module::getManagedBy)
                .containsExactlyInAnyOrder(
                        tuple("burner", ""), tuple("$edgeAgent", "iotEdge"), tuple("$edgeHub", "iotEdge"));

        registry.removeModule("java-modules", "burner");
        assertThatThrownBy(() -> registry.getModule("java-modules", "burner"))
                .isInstanceOf(IotHubNotFoundException.class);
    }

    @Test
    void moduleSendsUntilItsDeviceIsGone() throws Exception {
        var device = BackEnd.create("java-module-sends");
        var module = BackEnd.create(device, "burner");
        var registry = new RegistryClient(TheHub.connectionString());
        var disconnected = new CountDownLatch(1);
        var client = new ModuleClient(module.connectionString(), IotHubClientProtocol.MQTT, trustingOptions());
        try (var events = new Events()) {
            client.setRetryPolicy(new NoRetry());
            client.setConnectionStatusChangeCallback(
                    status -> {
                        if (status.getNewStatus() == IotHubConnectionStatus.DISCONNECTED) {
                            disconnected.countDown();
                        }
                    },
                    "none");
            client.open(false);
            client.sendEvent(new Message("from the burner"));

            var event = events.of("java-module-sends", 1).getFirst();
            assertThat(TopicReader.text(event)).isEqualTo("from the burner");
            assertThat(Events.properties(event).system())
                    .containsAllEntriesOf(
                            Map.of(CONNECTION_DEVICE_ID, "java-module-sends", CONNECTION_MODULE_ID, "burner"));
            await().untilAsserted(() -> assertThat(
                            registry.getModule("java-module-sends", "burner").getConnectionState())
                    .isEqualTo(DeviceConnectionState.Connected));
            assertThat(registry.getDevice("java-module-sends").getConnectionState())
                    .isEqualTo(DeviceConnectionState.Disconnected);

            BackEnd.delete(device.id());

            assertThat(disconnected.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            client.close();
        }
    }

    @Test
    void disabledAndUnknownDevicesAreRefused() {
        var disabled = BackEnd.create("java-disabled");
        BackEnd.setStatus(disabled, "disabled");
        var unknown = new BackEnd.Device(new DeviceId("java-unknown"), SymmetricKey.generate());

        for (var device : List.of(disabled, unknown)) {
            var client = client(device.connectionString());
            assertThatThrownBy(() -> client.open(false))
                    .isInstanceOfSatisfying(IotHubClientException.class, refused -> assertThat(refused.getStatusCode())
                            .isEqualTo(IotHubStatusCode.UNAUTHORIZED));
            client.close();
        }
    }

    @Test
    void backEndWithAWrongKeyIsRefused() {
        var registry =
                new RegistryClient(ConnectionString.ofPolicy(TheHub.host(), "iothubowner", SymmetricKey.generate()));

        assertThatThrownBy(() -> registry.getDevice("any")).isInstanceOf(IotHubUnauthorizedException.class);
    }

    @Test
    void deviceSendsAndEveryMessageIsAmongTheEvents() throws Exception {
        var device = BackEnd.create("java-sends");
        var client = client(device.connectionString());
        try (var events = new Events()) {
            client.open(true);
            for (int number = 0; number < 10; number++) {
                var message = new Message("{\"number\":" + number + "}");
                message.setMessageId("message-" + number);
                message.setCorrelationId("run/1 + 2");
                message.setContentType("application/json");
                message.setContentEncoding("utf-8");
                message.setComponentName("thermostat");
                message.setProperty("alert", "50 % & more");
                client.sendEvent(message);
            }
            client.close();

            var arrived = events.of("java-sends", 10);
            for (int number = 0; number < 10; number++) {
                assertThat(TopicReader.text(arrived.get(number))).isEqualTo("{\"number\":" + number + "}");
                var properties = Events.properties(arrived.get(number));
                assertThat(properties.system())
                        .containsAllEntriesOf(Map.of(
                                MESSAGE_ID, "message-" + number,
                                CORRELATION_ID, "run/1 + 2",
                                CONTENT_TYPE, "application/json",
                                CONTENT_ENCODING, "utf-8",
                                SUBJECT, "thermostat",
                                CONNECTION_DEVICE_ID, "java-sends"));
                assertThat(properties.application())
                        .containsExactly(new Application("alert", Optional.of("50 % & more")));
            }
        }
    }

    @Test
    void newerClientOfADeviceDisplacesTheOlder() throws Exception {
        var device = BackEnd.create("java-displaced");
        var disconnected = new CountDownLatch(1);
        var older = client(device.connectionString());
        var newer = client(device.connectionString());
        try {
            older.setRetryPolicy(new NoRetry());
            older.setConnectionStatusChangeCallback(
                    status -> {
                        if (status.getNewStatus() == IotHubConnectionStatus.DISCONNECTED) {
                            disconnected.countDown();
                        }
                    },
                    "none");
            older.open(false);
            newer.open(false);

            assertThat(disconnected.await(20, TimeUnit.SECONDS)).isTrue();
            newer.sendEvent(new Message("still here"));
        } finally {
            older.close();
            newer.close();
        }
    }

    @Test
    void deviceWithAKeyOfAnotherIsRefused() {
        BackEnd.create("java-refused");
        var stranger = BackEnd.create("java-stranger");
        var client = client("HostName=" + TheHub.host() + ";DeviceId=java-refused;SharedAccessKey="
                + stranger.key().base64());

        assertThatThrownBy(() -> client.open(false)).isInstanceOf(IotHubClientException.class);
        client.close();
    }

    private static DeviceClient client(String connectionString) {
        return new DeviceClient(connectionString, IotHubClientProtocol.MQTT, trustingOptions());
    }

    private static ClientOptions trustingOptions() {
        return ClientOptions.builder().sslContext(TheHub.trustingContext()).build();
    }
}
