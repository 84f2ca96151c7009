package io.freehub.acceptance;

import static io.freehub.model.SystemProperty.CONNECTION_DEVICE_ID;
import static io.freehub.model.SystemProperty.CONTENT_ENCODING;
import static io.freehub.model.SystemProperty.CONTENT_TYPE;
import static io.freehub.model.SystemProperty.CORRELATION_ID;
import static io.freehub.model.SystemProperty.MESSAGE_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubStatusCode;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.transport.NoRetry;
import io.freehub.model.MessageProperties.Application;
import io.freehub.testing.TopicReader;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Azure's SDK for Java sends by other transports than MQTT. */
class JavaTransportsIT {

    @ParameterizedTest
    @EnumSource(
            value = IotHubClientProtocol.class,
            names = {"MQTT_WS", "AMQPS", "AMQPS_WS", "HTTPS"})
    void everyMessageIsAmongTheEvents(IotHubClientProtocol protocol) throws Exception {
        var device = BackEnd.create("java-sends-over-" + protocol);
        var client = client(device.connectionString(), protocol);
        try (var events = new Events()) {
            client.open(true);
            for (int number = 0; number < 10; number++) {
                client.sendEvent(message(number));
            }
            client.close();

            var arrived = events.of(device.id().value(), 10);
            for (int number = 0; number < 10; number++) {
                check(arrived.get(number), device, number);
            }
        }
    }

    @Test
    void batchOverHttpsIsAmongTheEventsInItsOrder() throws Exception {
        var device = BackEnd.create("java-sends-a-batch");
        var client = client(device.connectionString(), IotHubClientProtocol.HTTPS);
        try (var events = new Events()) {
            client.open(false);
            client.sendEvents(
                    IntStream.range(0, 20).mapToObj(JavaTransportsIT::message).toList());
            client.close();

            var arrived = events.of(device.id().value(), 20);
            for (int number = 0; number < 20; number++) {
                check(arrived.get(number), device, number);
            }
        }
    }

    @Test
    void deviceWithAKeyOfAnotherIsTold() throws Exception {
        var device = BackEnd.create("java-refused-over-https");
        var stranger = BackEnd.create("java-stranger-over-https");
        var client = client(
                device.connectionString()
                        .replace(device.key().base64(), stranger.key().base64()),
                IotHubClientProtocol.HTTPS);
        client.setRetryPolicy(new NoRetry());
        client.open(false);
        try {
            assertThatThrownBy(() -> client.sendEvent(new Message("x")))
                    .isInstanceOfSatisfying(IotHubClientException.class, refused -> assertThat(refused.getStatusCode())
                            .isEqualTo(IotHubStatusCode.UNAUTHORIZED));
        } finally {
            client.close();
        }
    }

    private static Message message(int number) {
        var message = new Message("{\"number\":" + number + "}");
        message.setMessageId("message-" + number);
        message.setCorrelationId("run/1 + 2");
        message.setContentType("application/json");
        message.setContentEncoding("utf-8");
        message.setProperty("Alert", "number-" + number);
        return message;
    }

    private static void check(ConsumerRecord<String, byte[]> event, BackEnd.Device device, int number) {
        assertThat(TopicReader.text(event)).isEqualTo("{\"number\":" + number + "}");
        var properties = Events.properties(event);
        assertThat(properties.system())
                .containsAllEntriesOf(Map.of(
                        MESSAGE_ID, "message-" + number,
                        CORRELATION_ID, "run/1 + 2",
                        CONTENT_TYPE, "application/json",
                        CONTENT_ENCODING, "utf-8",
                        CONNECTION_DEVICE_ID, device.id().value()));
        assertThat(properties.application()).containsExactly(new Application("Alert", Optional.of("number-" + number)));
    }

    private static DeviceClient client(String connectionString, IotHubClientProtocol protocol) {
        return new DeviceClient(
                connectionString,
                protocol,
                ClientOptions.builder().sslContext(TheHub.trustingContext()).build());
    }
}
