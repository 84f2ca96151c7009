package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.amqp.AmqpTransportType;
import com.azure.core.amqp.exception.AmqpErrorCondition;
import com.azure.core.amqp.exception.AmqpException;
import com.azure.messaging.eventhubs.CheckpointStore;
import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.EventProcessorClientBuilder;
import com.azure.messaging.eventhubs.LoadBalancingStrategy;
import com.azure.messaging.eventhubs.PartitionProperties;
import com.azure.messaging.eventhubs.models.Checkpoint;
import com.azure.messaging.eventhubs.models.EventContext;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionEvent;
import com.azure.messaging.eventhubs.models.PartitionOwnership;
import com.azure.messaging.eventhubs.models.ReceiveOptions;
import com.microsoft.azure.sdk.iot.device.ClientOptions;
import com.microsoft.azure.sdk.iot.device.DeviceClient;
import com.microsoft.azure.sdk.iot.device.IotHubClientProtocol;
import com.microsoft.azure.sdk.iot.device.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads events with Azure's SDK of Event Hubs for Java as Maven has it. */
class JavaEventHubIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String GROUP = "java-events";

    /** By TLS, over WebSockets, and in the clear as from its emulator. */
    @ParameterizedTest
    @CsvSource({
        "EVENTHUB_CONNECTION_STRING, AMQP",
        "EVENTHUB_CONNECTION_STRING, AMQP_WEB_SOCKETS",
        "EVENTHUB_PLAIN_CONNECTION_STRING, AMQP"
    })
    void everyMessageIsRead(String variable, AmqpTransportType transport) throws Exception {
        var device = BackEnd.create("java-read-" + variable.toLowerCase().replace('_', '-') + "-" + transport);
        try (var client = consumer(connectionString(variable), transport, "$Default")) {
            assertThat(client.getPartitionIds().collectList().block(PATIENCE)).containsExactly("0", "1", "2", "3");
            var hub = client.getEventHubProperties().block(PATIENCE);
            assertThat(hub.getName()).isEqualTo("freehub");
            assertThat(hub.getCreatedAt()).isAfter("2026-01-01T00:00:00Z");
            var before = states(client);

            send(device, 20);

            var events = new ArrayList<>(Flux.merge(before.stream()
                            .map(state -> client.receiveFromPartition(state.getId(), after(state)))
                            .toList())
                    .map(PartitionEvent::getData)
                    .filter(event -> isOf(device, event))
                    .take(20)
                    .collectList()
                    .block(PATIENCE));
            for (int number = 0; number < 20; number++) {
                check(events.get(number), device, number);
            }
            var last = events.getLast();
            assertThat(states(client))
                    .anySatisfy(state -> assertThat(state.getLastEnqueuedSequenceNumber())
                            .isGreaterThanOrEqualTo(last.getSequenceNumber()))
                    .allSatisfy(state ->
                            assertThat(state.getBeginningSequenceNumber()).isZero());
        }
    }

    @Test
    void readersBeginWhereTheyLike() throws Exception {
        var device = BackEnd.create("java-positions");
        try (var client = consumer(connectionString(), AmqpTransportType.AMQP, "$Default")) {
            var before = states(client);
            send(device, 5);
            var read = Flux.merge(before.stream()
                            .map(state -> client.receiveFromPartition(state.getId(), after(state)))
                            .toList())
                    .filter(event -> isOf(device, event.getData()))
                    .take(5)
                    .collectList()
                    .block(PATIENCE);
            var partition = read.getFirst().getPartitionContext().getPartitionId();
            var third = read.get(2).getData();

            assertThat(first(client, partition, EventPosition.fromSequenceNumber(third.getSequenceNumber(), true)))
                    .isEqualTo(third.getSequenceNumber());
            assertThat(first(client, partition, EventPosition.fromSequenceNumber(third.getSequenceNumber())))
                    .isEqualTo(third.getSequenceNumber() + 1);
            assertThat(first(client, partition, EventPosition.fromOffset(third.getOffset())))
                    .isEqualTo(third.getSequenceNumber() + 1);
            assertThat(first(
                            client,
                            partition,
                            EventPosition.fromEnqueuedTime(
                                    third.getEnqueuedTime().minusMillis(1))))
                    .isLessThanOrEqualTo(third.getSequenceNumber());
            assertThat(first(client, partition, EventPosition.earliest())).isZero();
        }
    }

    @Test
    void readerOfTheLatestHearsWhatComesAndWhatStandsLast() throws Exception {
        var device = BackEnd.create("java-latest");
        try (var client = consumer(connectionString(), AmqpTransportType.AMQP, "$Default")) {
            var options = new ReceiveOptions().setTrackLastEnqueuedEventProperties(true);
            var events = Flux.merge(IntStream.range(0, 4)
                            .mapToObj(partition -> client.receiveFromPartition(
                                    Integer.toString(partition), EventPosition.latest(), options))
                            .toList())
                    .filter(event -> isOf(device, event.getData()))
                    .next()
                    .toFuture();
            // Until the reader is there: it says so to nobody.
            while (!events.isDone()) {
                send(device, 1);
                try {
                    events.get(200, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    // Once more.
                }
            }
            var event = events.get();
            var last = event.getLastEnqueuedEventProperties();
            assertThat(last.getSequenceNumber())
                    .isGreaterThanOrEqualTo(event.getData().getSequenceNumber());
            assertThat(last.getEnqueuedTime()).isAfterOrEqualTo(event.getData().getEnqueuedTime());
            assertThat(last.getRetrievalTime()).isNotNull();
        }
    }

    @Test
    void ownerOfAPartitionGivesWayToTheNextAtAnotherGateway() throws Exception {
        BackEnd.create("/hub/consumerGroups/" + GROUP, "");
        try (var first = consumer(connectionString(), AmqpTransportType.AMQP, GROUP);
                var second = consumer(ofSecondGateway(), AmqpTransportType.AMQP, GROUP)) {
            // Event processors own partitions with the level 0.
            var displaced = owner(first, 0);
            var also = owner(second, 0);
            assertStolen(displaced);
            var again = owner(first, 1);
            assertStolen(also);
            assertStolen(owner(second, 0));
            assertThat(again.isDone()).isFalse();
        } finally {
            BackEnd.call("DELETE", "/hub/consumerGroups/" + GROUP, "");
        }
    }

    @Test
    void processorGoesOnWhereTheOneBeforeStopped() throws Exception {
        var device = BackEnd.create("java-processed");
        var checkpoints = new Checkpoints();
        Map<String, EventPosition> begin;
        try (var client = consumer(connectionString(), AmqpTransportType.AMQP, "$Default")) {
            begin = states(client).stream()
                    .collect(Collectors.toMap(PartitionProperties::getId, JavaEventHubIT::after));
        }
        for (int first = 0; first < 10; first += 5) {
            var events = new LinkedBlockingQueue<EventContext>();
            var processor = new EventProcessorClientBuilder()
                    .connectionString(connectionString())
                    .consumerGroup("$Default")
                    .checkpointStore(checkpoints)
                    .loadBalancingStrategy(LoadBalancingStrategy.GREEDY)
                    .initialPartitionEventPosition(begin)
                    .processEvent(event -> {
                        if (isOf(device, event.getEventData())) {
                            events.add(event);
                        }
                    })
                    .processError(_ -> {})
                    .buildEventProcessorClient();
            processor.start();
            send(device, first, 5);
            for (int number = first; number < first + 5; number++) {
                var event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                check(event.getEventData(), device, number);
                event.updateCheckpoint();
            }
            processor.stop();
        }
    }

    @Test
    void groupThatIsNotThereIsToldOf() {
        try (var client = consumer(connectionString(), AmqpTransportType.AMQP, "nobody")) {
            assertThatThrownBy(() -> client.receiveFromPartition("0", EventPosition.earliest())
                            .blockFirst(PATIENCE))
                    .isInstanceOfSatisfying(AmqpException.class, refused -> assertThat(refused.getErrorCondition())
                            .isEqualTo(AmqpErrorCondition.NOT_FOUND));
        }
    }

    @Test
    void whoHasAnotherKeyIsTold() {
        var wrong = connectionString().replaceFirst("SharedAccessKey=[^;]*", "SharedAccessKey=" + "x".repeat(44));
        try (var client = consumer(wrong, AmqpTransportType.AMQP, "$Default")) {
            assertThatThrownBy(() -> client.getEventHubProperties().block(PATIENCE))
                    .isInstanceOfSatisfying(AmqpException.class, refused -> assertThat(refused.getErrorCondition())
                            .isEqualTo(AmqpErrorCondition.UNAUTHORIZED_ACCESS));
        }
    }

    /** Reads as the owner of a partition; done with the reason when it may no longer. The claim stands when this returns. */
    private static CompletableFuture<Throwable> owner(EventHubConsumerAsyncClient client, long level) throws Exception {
        var began = new CompletableFuture<Void>();
        var ended = new CompletableFuture<Throwable>();
        client.receiveFromPartition("0", EventPosition.earliest(), new ReceiveOptions().setOwnerLevel(level))
                .subscribe(_ -> began.complete(null), failure -> {
                    ended.complete(failure);
                    began.complete(null);
                });
        began.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return ended;
    }

    private static void assertStolen(CompletableFuture<Throwable> ended) throws Exception {
        assertThat(ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOfSatisfying(AmqpException.class, stolen -> assertThat(stolen.getErrorCondition())
                        .isEqualTo(AmqpErrorCondition.LINK_STOLEN));
    }

    /** Where processors say which partitions they own and how far they got; theirs would be a storage account. */
    private static final class Checkpoints implements CheckpointStore {

        private final Map<String, PartitionOwnership> owners = new ConcurrentHashMap<>();
        private final Map<String, Checkpoint> reached = new ConcurrentHashMap<>();

        @Override
        public Flux<PartitionOwnership> listOwnership(String namespace, String hub, String group) {
            return Flux.fromIterable(owners.values());
        }

        @Override
        public Flux<PartitionOwnership> claimOwnership(List<PartitionOwnership> claims) {
            return Flux.fromIterable(claims).map(claim -> {
                claim.setLastModifiedTime(System.currentTimeMillis())
                        .setETag(UUID.randomUUID().toString());
                owners.put(claim.getPartitionId(), claim);
                return claim;
            });
        }

        @Override
        public Flux<Checkpoint> listCheckpoints(String namespace, String hub, String group) {
            return Flux.fromIterable(reached.values());
        }

        @Override
        public Mono<Void> updateCheckpoint(Checkpoint checkpoint) {
            return Mono.fromRunnable(() -> reached.put(checkpoint.getPartitionId(), checkpoint));
        }
    }

    private static long first(EventHubConsumerAsyncClient client, String partition, EventPosition position) {
        return client.receiveFromPartition(partition, position)
                .blockFirst(PATIENCE)
                .getData()
                .getSequenceNumber();
    }

    private static List<PartitionProperties> states(EventHubConsumerAsyncClient client) {
        return client.getPartitionIds()
                .flatMap(client::getPartitionProperties)
                .collectList()
                .block(PATIENCE);
    }

    private static EventPosition after(PartitionProperties state) {
        return EventPosition.fromSequenceNumber(state.getLastEnqueuedSequenceNumber());
    }

    private static boolean isOf(BackEnd.Device device, EventData event) {
        return device.id().value().equals(event.getSystemProperties().get("iothub-connection-device-id"));
    }

    private static void check(EventData event, BackEnd.Device device, int number) {
        assertThat(event.getBodyAsString()).isEqualTo("{\"number\":" + number + "}");
        assertThat(event.getMessageId()).isEqualTo("message-" + number);
        assertThat(event.getCorrelationId()).isEqualTo("run/1 + 2");
        assertThat(event.getContentType()).isEqualTo("application/json");
        assertThat(event.getProperties()).containsEntry("alert", "number-" + number);
        assertThat(event.getOffset()).isEqualTo(event.getSequenceNumber());
        assertThat(event.getSystemProperties())
                .containsEntry("iothub-connection-device-id", device.id().value())
                .containsEntry(
                        "iothub-connection-auth-method",
                        "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}")
                .containsEntry("iothub-message-source", "Telemetry")
                .containsKeys("iothub-connection-auth-generation-id", "iothub-enqueuedtime");
    }

    private static void send(BackEnd.Device device, int count) throws Exception {
        send(device, 0, count);
    }

    private static void send(BackEnd.Device device, int first, int count) throws Exception {
        var client = new DeviceClient(
                device.connectionString(),
                IotHubClientProtocol.MQTT,
                ClientOptions.builder().sslContext(TheHub.trustingContext()).build());
        client.open(true);
        for (int number = first; number < first + count; number++) {
            var message = new Message("{\"number\":" + number + "}");
            message.setMessageId("message-" + number);
            message.setCorrelationId("run/1 + 2");
            message.setContentType("application/json");
            message.setContentEncoding("utf-8");
            message.setProperty("alert", "number-" + number);
            client.sendEvent(message);
        }
        client.close();
    }

    private static EventHubConsumerAsyncClient consumer(
            String connectionString, AmqpTransportType transport, String group) {
        TheHub.trustingContext();
        return new EventHubClientBuilder()
                .connectionString(connectionString)
                .transportType(transport)
                .consumerGroup(group)
                .buildAsyncConsumerClient();
    }

    private static String connectionString() {
        return connectionString("EVENTHUB_CONNECTION_STRING");
    }

    private static String connectionString(String variable) {
        return TheHub.facts().environment().get(variable);
    }

    private static String ofSecondGateway() {
        return connectionString()
                .replace(
                        "sb://" + TheHub.host(),
                        "sb://" + TheHub.host() + ":"
                                + TheHub.facts().amqpPorts().get(TheHub.SECOND_GATEWAY));
    }
}
