package io.freehub.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads a topic as a test wants it: everything that was seen stays seen, so the order of questions does not matter.
 * For one thread. Awaiting polls the broker and returns as soon as the answer is there.
 *
 * <pre>{@code
 * try (var events = TopicReader.fromNow("hub.registry")) {
 *     createDevice("boiler");
 *     var event = events.await(record -> record.key().equals("boiler"));
 * }
 * }</pre>
 */
public final class TopicReader implements AutoCloseable {

    /** How long {@link #await(Predicate)} waits. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<ConsumerRecord<String, byte[]>> seen = new ArrayList<>();

    private TopicReader(String bootstrapServers, String topic) {
        this.topic = topic;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        50,
                        ConsumerConfig.METADATA_MAX_AGE_CONFIG,
                        1_000),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    /** Sees what is written after this call, on the broker of {@link TestKafka}. Waits until the topic exists. */
    public static TopicReader fromNow(String topic) {
        return fromNow(TestKafka.bootstrapServers(), topic);
    }

    public static TopicReader fromNow(String bootstrapServers, String topic) {
        var reader = new TopicReader(bootstrapServers, topic);
        var partitions = reader.assign();
        reader.consumer.seekToEnd(partitions);
        partitions.forEach(reader.consumer::position); // the seek is lazy: now means now
        return reader;
    }

    /** Sees all that the topic holds and what comes, on the broker of {@link TestKafka}. Waits until the topic exists. */
    public static TopicReader fromStart(String topic) {
        return fromStart(TestKafka.bootstrapServers(), topic);
    }

    public static TopicReader fromStart(String bootstrapServers, String topic) {
        var reader = new TopicReader(bootstrapServers, topic);
        reader.consumer.seekToBeginning(reader.assign());
        return reader;
    }

    /** The first record that fits; an {@link AssertionError} tells what was seen instead. */
    public ConsumerRecord<String, byte[]> await(Predicate<ConsumerRecord<String, byte[]>> wanted) {
        return await(wanted, PATIENCE);
    }

    public ConsumerRecord<String, byte[]> await(Predicate<ConsumerRecord<String, byte[]>> wanted, Duration patience) {
        return awaitCount(1, wanted, patience).getFirst();
    }

    /** The records that fit, once there are as many: perhaps more, in the order read. */
    public List<ConsumerRecord<String, byte[]>> awaitCount(
            int count, Predicate<ConsumerRecord<String, byte[]>> wanted, Duration patience) {
        var deadline = Instant.now().plus(patience);
        var fitting = new ArrayList<>(seen.stream().filter(wanted).toList());
        while (fitting.size() < count) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("%d of %d wanted records on %s after %s; seen %d: %s"
                        .formatted(fitting.size(), count, topic, patience, seen.size(), shown()));
            }
            for (var record : consumer.poll(POLL)) {
                seen.add(record);
                if (wanted.test(record)) {
                    fitting.add(record);
                }
            }
        }
        return List.copyOf(fitting);
    }

    /** What has come since, after a moment's wait for it; for those who go on reading and want to keep nothing. */
    public List<ConsumerRecord<String, byte[]>> takeNew() {
        var fresh = new ArrayList<ConsumerRecord<String, byte[]>>();
        consumer.poll(POLL).forEach(fresh::add);
        return fresh;
    }

    /** All that was written before this call, once it is read. For assertions that something did not happen. */
    public List<ConsumerRecord<String, byte[]>> readToEnd() {
        var ends = consumer.endOffsets(consumer.assignment());
        var deadline = Instant.now().plus(PATIENCE);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("cannot read " + topic + " to its end " + ends);
            }
            consumer.poll(POLL).forEach(seen::add);
        }
        return List.copyOf(seen);
    }

    /** The value as text. */
    public static String text(ConsumerRecord<String, byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        consumer.close();
    }

    private List<TopicPartition> assign() {
        var deadline = Instant.now().plus(PATIENCE);
        while (true) {
            var partitions = consumer.partitionsFor(topic, Duration.ofSeconds(5));
            if (!partitions.isEmpty()) {
                var all = partitions.stream()
                        .map(partition -> new TopicPartition(topic, partition.partition()))
                        .toList();
                consumer.assign(all);
                return all;
            }
            if (Instant.now().isAfter(deadline)) {
                consumer.close();
                throw new AssertionError("no topic " + topic + " after " + PATIENCE);
            }
        }
    }

    private String shown() {
        return seen.stream()
                .skip(Math.max(0, seen.size() - 10))
                .map(record -> record.key() + "=" + (record.value() == null ? null : text(record)))
                .collect(Collectors.joining(", ", "[…", "]"));
    }
}
