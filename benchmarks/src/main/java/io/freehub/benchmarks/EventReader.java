package io.freehub.benchmarks;

import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.models.EventPosition;
import io.freehub.model.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import reactor.core.publisher.Flux;

/** Reads the events from the first on, as one back end does that has all partitions. */
interface EventReader {

    /** Which it is, for people. */
    String name();

    /** Reads so many; how many it were when that took too long. */
    long read(long events, Duration atMost);

    /** Azure's SDK of Event Hubs, over AMQP with TLS. */
    static EventReader ofEventHubs(HubUnderTest hub, int prefetch) {
        hub.trustEverywhere();
        return new EventReader() {
            @Override
            public String name() {
                return "azure-messaging-eventhubs, %,d events of credit for each partition".formatted(prefetch);
            }

            @Override
            public long read(long events, Duration atMost) {
                var read = new AtomicLong();
                var enough = new CountDownLatch(1);
                try (var client = new EventHubClientBuilder()
                        .connectionString(hub.eventHubConnectionString())
                        .consumerGroup(EventHubClientBuilder.DEFAULT_CONSUMER_GROUP_NAME)
                        .prefetchCount(prefetch)
                        .buildAsyncConsumerClient()) {
                    var reading = fromTheStart(client).subscribe(_ -> {
                        if (read.incrementAndGet() == events) {
                            enough.countDown();
                        }
                    });
                    enough.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
                    reading.dispose();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw new BenchmarkException("interrupted", interrupted);
                }
                return read.get();
            }
        };
    }

    private static Flux<?> fromTheStart(EventHubConsumerAsyncClient client) {
        return client.getPartitionIds()
                .flatMap(partition -> client.receiveFromPartition(partition, EventPosition.earliest()));
    }

    /** Kafka's own consumer where it needs to prove nothing. */
    static EventReader ofKafka(HubUnderTest hub) {
        return new OfKafka("a Kafka consumer", Map.of("bootstrap.servers", hub.kafka()));
    }

    /** Kafka's own consumer with TLS and a connection string. */
    static EventReader ofKafkaReaders(HubUnderTest hub) {
        return new OfKafka("a Kafka consumer with TLS and a connection string", hub.kafkaForReaders());
    }

    /** Kafka's own consumer. */
    record OfKafka(String name, Map<String, Object> settings) implements EventReader {

        private static final Duration POLL = Duration.ofMillis(100);

        @Override
        public long read(long events, Duration atMost) {
            var all = new HashMap<>(settings);
            all.put("max.poll.records", 10_000);
            all.put("enable.auto.commit", false);
            long deadline = System.nanoTime() + atMost.toNanos();
            long read = 0;
            try (var consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                var partitions = consumer.partitionsFor(Topic.EVENTS.name()).stream()
                        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                        .toList();
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                while (read < events && System.nanoTime() < deadline) {
                    read += consumer.poll(POLL).count();
                }
            }
            return read;
        }
    }
}
