package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.Message;
import io.freehub.model.Topic;
import io.freehub.standalone.StandaloneHub;
import io.freehub.testing.TopicReader;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a device sends over AMQP while Kafka is away waits, or is sent again by the SDK: all of it is accepted in the end. */
class AmqpOutlivesKafkaIT {

    private static final int MESSAGES = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Test
    void whatIsAcceptedIsAmongTheEvents() throws Exception {
        var device = BackEnd.create("amqp-outlives-kafka");
        var client = new DeviceClient(
                device.connectionString(),
                IotHubClientProtocol.AMQPS,
                ClientOptions.builder().sslContext(TheHub.trustingContext()).build());
        var outcomes = new ConcurrentHashMap<String, Optional<Exception>>();
        try (var events = TopicReader.fromNow(TheHub.facts().kafka(), Topic.EVENTS.name())) {
            client.open(false);
            client.sendEvent(new Message("first"));

            TheHub.hub().kill(StandaloneHub.KAFKA);
            for (int number = 0; number < MESSAGES; number++) {
                var text = "message " + number;
                client.sendEventAsync(
                        new Message(text), (_, failure, _) -> outcomes.put(text, Optional.ofNullable(failure)), null);
            }
            TheHub.hub().awaitReady(PATIENCE);

            Awaitility.await("all are accepted").atMost(PATIENCE).until(() -> outcomes.size() == MESSAGES);
            assertThat(outcomes).extractingFromEntries(Map.Entry::getValue).containsOnly(Optional.empty());
            Awaitility.await("all are among the events").atMost(PATIENCE).untilAsserted(() -> assertThat(
                            events.readToEnd().stream()
                                    .filter(event ->
                                            event.key().equals(device.id().value()))
                                    .map(TopicReader::text)
                                    .collect(Collectors.toSet()))
                    .containsAll(outcomes.keySet()));
        } finally {
            client.close();
        }
    }
}
