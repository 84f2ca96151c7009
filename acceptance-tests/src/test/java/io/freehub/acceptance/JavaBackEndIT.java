package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.IotHubMessageResult;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubDeviceMaximumQueueDepthExceededException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubMessageTooLargeException;
import com.microsoft.azure.sdk.iot.service.exceptions.IotHubNotFoundException;
import com.microsoft.azure.sdk.iot.service.messaging.AcknowledgementType;
import com.microsoft.azure.sdk.iot.service.messaging.DeliveryAcknowledgement;
import com.microsoft.azure.sdk.iot.service.messaging.FeedbackStatusCode;
import com.microsoft.azure.sdk.iot.service.messaging.IotHubServiceClientProtocol;
import com.microsoft.azure.sdk.iot.service.messaging.Message;
import com.microsoft.azure.sdk.iot.service.messaging.MessageFeedbackProcessorClient;
import com.microsoft.azure.sdk.iot.service.messaging.MessageFeedbackProcessorClientOptions;
import com.microsoft.azure.sdk.iot.service.messaging.MessagingClient;
import com.microsoft.azure.sdk.iot.service.messaging.MessagingClientOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages to devices with the service client of Azure's SDK for Java as Maven has it. */
class JavaBackEndIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Map<String, FeedbackStatusCode> told = new ConcurrentHashMap<>();
    private final AtomicBoolean abandoned = new AtomicBoolean();

    @ParameterizedTest
    @EnumSource(IotHubServiceClientProtocol.class)
    void deviceReceivesWhatTheServiceClientSends(IotHubServiceClientProtocol protocol) throws Exception {
        var device = BackEnd.create("java-sends-to-device-over-" + protocol);
        var id = device.id().value();
        var service = new MessagingClient(
                TheHub.connectionString(),
                protocol,
                MessagingClientOptions.builder()
                        .sslContext(TheHub.trustingContext())
                        .build());
        var feedback = feedback(protocol);
        BlockingQueue<com.microsoft.azure.sdk.iot.device.Message> got = new LinkedBlockingQueue<>();
        var client = new DeviceClient(
                device.connectionString(),
                IotHubClientProtocol.MQTT,
                ClientOptions.builder().sslContext(TheHub.trustingContext()).build());
        client.setMessageCallback(
                (message, _) -> {
                    got.add(message);
                    return IotHubMessageResult.COMPLETE;
                },
                null);
        service.open();
        feedback.start();
        try {
            service.send(id, message("early", "m 1", DeliveryAcknowledgement.Full));
            client.open(false);
            service.send(id, message("late", id + "-2", DeliveryAcknowledgement.PositiveOnly));
            var first = next(got);
            assertThat(new String(first.getBytes(), StandardCharsets.UTF_8)).isEqualTo("early");
            assertThat(first.getMessageId()).isEqualTo("m 1");
            assertThat(first.getProperty("alert")).isEqualTo("a=b&c/d e+f");
            assertThat(new String(next(got).getBytes(), StandardCharsets.UTF_8)).isEqualTo("late");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(told)
                    .containsEntry(id + "/m 1", FeedbackStatusCode.success)
                    .containsEntry(id + "/" + id + "-2", FeedbackStatusCode.success));
            assertThat(abandoned).isTrue();

            assertThatThrownBy(() -> service.send(id + "-nobody", message("x", "m 3", DeliveryAcknowledgement.None)))
                    .isInstanceOf(IotHubNotFoundException.class);
            assertThatThrownBy(
                            () -> service.send(id, message("x".repeat(65 * 1024), "m 4", DeliveryAcknowledgement.None)))
                    .isInstanceOf(IotHubMessageTooLargeException.class);
            client.close();
            assertThatThrownBy(() -> fill(service, id))
                    .isInstanceOf(IotHubDeviceMaximumQueueDepthExceededException.class);
        } finally {
            client.close();
            feedback.stop();
            service.close();
        }
    }

    private static void fill(MessagingClient service, String id)
            throws IotHubException, InterruptedException, java.util.concurrent.TimeoutException {
        for (int n = 0; n <= 50; n++) {
            service.send(id, message("x", "w" + n, DeliveryAcknowledgement.None));
        }
    }

    /** The first batch is given back, and comes again. */
    private MessageFeedbackProcessorClient feedback(IotHubServiceClientProtocol protocol) {
        return new MessageFeedbackProcessorClient(
                TheHub.connectionString(),
                protocol,
                batch -> {
                    if (abandoned.compareAndSet(false, true)) {
                        return AcknowledgementType.ABANDON;
                    }
                    batch.getRecords()
                            .forEach(record -> told.put(
                                    record.getDeviceId() + "/" + record.getOriginalMessageId(),
                                    record.getStatusCode()));
                    return AcknowledgementType.COMPLETE;
                },
                MessageFeedbackProcessorClientOptions.builder()
                        .sslContext(TheHub.trustingContext())
                        .build());
    }

    private static Message message(String text, String id, DeliveryAcknowledgement ack) {
        var message = new Message(text);
        message.setMessageId(id);
        message.setDeliveryAcknowledgement(ack);
        message.setProperties(Map.of("alert", "a=b&c/d e+f"));
        return message;
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        var next = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(next).as("the device got a message").isNotNull();
        return next;
    }
}
