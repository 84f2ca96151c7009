package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubMessageResult;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.MultiplexingClient;
import com.microsoft.azure.sdk.iot.device.MultiplexingClientOptions;
import com.microsoft.azure.sdk.iot.device.twin.DirectMethodResponse;
import com.microsoft.azure.sdk.iot.device.twin.TwinCollection;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodRequestOptions;
import com.microsoft.azure.sdk.iot.service.methods.DirectMethodsClient;
import com.microsoft.azure.sdk.iot.service.twin.Twin;
import com.microsoft.azure.sdk.iot.service.twin.TwinClient;
import io.freehub.testing.TopicReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Devices that share one connection of Azure's SDK for Java as Maven has it. */
class JavaMultiplexingIT {

    private static final int DEVICES = 5;

    private final TwinClient twins = new TwinClient(TheHub.connectionString());
    private final DirectMethodsClient methods = new DirectMethodsClient(TheHub.connectionString());
    private final Map<String, BlockingQueue<String>> heard = new ConcurrentHashMap<>();

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"AMQPS", "AMQPS_WS"})
    void devicesOfOneConnectionDoAllThatADeviceDoes(IotHubClientProtocol protocol) throws Exception {
        var devices = BackEnd.create(IntStream.range(0, DEVICES)
                .mapToObj(number -> "java-shares-" + protocol + "-" + number)
                .toList());
        var clients = devices.stream()
                .map(device -> new DeviceClient(
                        device.connectionString(),
                        protocol,
                        ClientOptions.builder()
                                .sslContext(TheHub.trustingContext())
                                .build()))
                .toList();
        var connection = new MultiplexingClient(
                TheHub.host(),
                protocol,
                MultiplexingClientOptions.builder()
                        .sslContext(TheHub.trustingContext())
                        .build());
        try (var events = new Events()) {
            connection.registerDeviceClients(clients);
            connection.open(false);
            for (int i = 0; i < DEVICES; i++) {
                begin(devices.get(i), clients.get(i));
            }
            for (var device : devices) {
                check(device, events);
            }

            // The others do not notice when one goes.
            connection.unregisterDeviceClient(clients.getFirst());
            for (int i = 1; i < DEVICES; i++) {
                clients.get(i).sendEvent(new Message("later"));
                assertThat(events.of(devices.get(i).id().value(), 2))
                        .extracting(TopicReader::text)
                        .containsExactly("from " + devices.get(i).id(), "later");
            }
        } finally {
            connection.close();
        }
    }

    private void begin(BackEnd.Device device, DeviceClient client) throws Exception {
        var id = device.id().value();
        var hears = heard.computeIfAbsent(id, _ -> new LinkedBlockingQueue<>());
        client.setMessageCallback(
                (message, _) -> {
                    hears.add(new String(message.getBytes(), StandardCharsets.UTF_8));
                    return IotHubMessageResult.COMPLETE;
                },
                null);
        client.subscribeToDesiredProperties(
                (twin, _) -> hears.add(
                        "interval " + ((Number) twin.getDesiredProperties().get("interval")).intValue()),
                null);
        client.subscribeToMethods((method, _, _) -> new DirectMethodResponse(200, method + " of " + id), null);
        client.sendEvent(new Message("from " + id));
        assertThat(new JavaTwin(client).report(new TwinCollection(Map.of("name", id))))
                .isEqualTo(2);
    }

    private void check(BackEnd.Device device, Events events) throws Exception {
        var id = device.id().value();
        assertThat(events.of(id, 1)).extracting(TopicReader::text).isEqualTo(List.of("from " + id));
        assertThat(twins.get(id).getReportedProperties()).containsEntry("name", id);
        BackEnd.send(device, "to " + id, Map.of());
        assertThat(hears(id)).isEqualTo("to " + id);
        var patch = new Twin(id);
        patch.getDesiredProperties().put("interval", 60);
        twins.patch(patch);
        assertThat(hears(id)).isEqualTo("interval 60");
        var options = DirectMethodRequestOptions.builder()
                .methodConnectTimeoutSeconds(20)
                .methodResponseTimeoutSeconds(20)
                .build();
        assertThat(methods.invoke(id, "reboot", options).getPayload(String.class))
                .isEqualTo("reboot of " + id);
    }

    private String hears(String id) throws InterruptedException {
        var next = heard.get(id).poll(60, TimeUnit.SECONDS);
        assertThat(next).as("%s heard something", id).isNotNull();
        return next;
    }
}
