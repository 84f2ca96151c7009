package io.freehub.service.kafka;

import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Reads a whole topic, or a partition of it, on a thread of its own, without a consumer group: what every instance of a service must know, such
 * as policies or changed identities. A record that cannot be read is logged and passed over; Kafka being away only
 * delays.
 */
public final class TopicReader<V> implements AutoCloseable {

    /** Where reading begins. */
    public enum From {
        /** With the oldest record, for topics that hold a state. */
        BEGINNING,
        /** With what is written from now on, for topics that tell of changes. */
        END
    }

    /** Takes one record, on the reader's thread. */
    @FunctionalInterface
    public interface Handler<V> {
        /** @param value empty when the key was deleted */
        void accept(Optional<V> value, ConsumerRecord<String, byte[]> record);
    }

    private static final Duration POLL = Duration.ofSeconds(1);

    private final Topic<V> topic;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Handler<V> handler;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final Map<TopicPartition, Long> goal = new HashMap<>();
    private final Duration gather;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    private TopicReader(Topic<V> topic, KafkaConsumer<String, byte[]> consumer, Duration gather, Handler<V> handler) {
        this.topic = topic;
        this.consumer = consumer;
        this.gather = gather;
        this.handler = handler;
        this.thread = Thread.ofPlatform().daemon().name("read-" + topic).unstarted(this::run);
    }

    /** Begins to read; the position is fixed when this returns, so no later record is missed. */
    public static <V> TopicReader<V> start(HubKafka kafka, Topic<V> topic, From from, Handler<V> handler) {
        return start(kafka, topic, from, Duration.ZERO, handler);
    }

    /**
     * The same, for topics with many records of which none is urgent.
     *
     * @param gather pause after records came, so that those that follow come many at a time; nothing while none come
     */
    public static <V> TopicReader<V> start(
            HubKafka kafka, Topic<V> topic, From from, Duration gather, Handler<V> handler) {
        kafka.createTopics();
        return start(kafka, topic, OptionalInt.empty(), from, gather, handler);
    }

    /**
     * Reads a single partition, from its end, for topics of which a part belongs to each instance. Adds the partition
     * when there is none of that number.
     */
    public static <V> TopicReader<V> start(HubKafka kafka, Topic<V> topic, int partition, Handler<V> handler) {
        kafka.addPartitions(topic, partition + 1);
        return start(kafka, topic, OptionalInt.of(partition), From.END, Duration.ZERO, handler);
    }

    private static <V> TopicReader<V> start(
            HubKafka kafka, Topic<V> topic, OptionalInt only, From from, Duration gather, Handler<V> handler) {
        var reader = new TopicReader<>(topic, kafka.consumer("freehub-" + topic, Map.of()), gather, handler);
        var partitions = only.isPresent()
                ? List.of(new TopicPartition(topic.name(), only.getAsInt()))
                : reader.consumer.partitionsFor(topic.name()).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        reader.consumer.assign(partitions);
        var end = reader.consumer.endOffsets(partitions);
        if (from == From.BEGINNING) {
            reader.consumer.seekToBeginning(partitions);
            reader.goal.putAll(end);
        } else {
            end.forEach(reader.consumer::seek);
        }
        reader.thread.start();
        return reader;
    }

    /** Whether all that stood in the topic at the start has been handled. */
    public boolean isCaughtUp() {
        return caughtUp.getCount() == 0;
    }

    /** Waits until {@link #isCaughtUp()}; false when that took longer. */
    public boolean awaitCaughtUp(Duration atMost) throws InterruptedException {
        return caughtUp.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether records are still being read. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        try (consumer) {
            while (closed.getCount() > 0) {
                noteProgress();
                var records = consumer.poll(POLL);
                records.forEach(this::handle);
                if (!records.isEmpty()) {
                    closed.await(gather.toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        } catch (WakeupException e) {
            // close() was called.
        } catch (InterruptedException e) {
            Log.infof("reading interrupted topic=%s", topic);
        }
    }

    private void handle(ConsumerRecord<String, byte[]> record) {
        try {
            var value = Optional.ofNullable(record.value()).map(json -> HubJson.read(json, topic.value()));
            handler.accept(value, record);
        } catch (RuntimeException e) {
            Log.errorf(
                    e,
                    "record passed over topic=%s partition=%d offset=%d",
                    topic,
                    record.partition(),
                    record.offset());
        }
    }

    private void noteProgress() {
        if (caughtUp.getCount() > 0) {
            goal.entrySet().removeIf(entry -> consumer.position(entry.getKey()) >= entry.getValue());
            if (goal.isEmpty()) {
                caughtUp.countDown();
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        consumer.wakeup();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
