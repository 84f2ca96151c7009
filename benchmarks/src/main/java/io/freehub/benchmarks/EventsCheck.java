package io.freehub.benchmarks;

import io.freehub.model.Topic;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Whether what a run had acknowledged is in the events, once and in order. */
final class EventsCheck implements AutoCloseable {

    /** A router that has brought nothing new for so long will bring nothing more. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;

    EventsCheck(String kafka) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        10_000,
                        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                        4 << 20),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        partitions = consumer.partitionsFor(Topic.EVENTS.name()).stream()
                .map(partition -> new TopicPartition(Topic.EVENTS.name(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        startHere();
    }

    /** What is written from now on will be checked. */
    void startHere() {
        consumer.endOffsets(partitions).forEach(consumer::seek);
    }

    /** So many events were ever written. */
    long written() {
        return consumer.endOffsets(partitions).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Reads what was written since {@link #startHere}, waiting for what the router has yet to bring. */
    Result check(long run, int[] acknowledged) {
        var ledger = new Ledger(acknowledged.length);
        long lastNews = System.nanoTime();
        while (true) {
            for (var record : consumer.poll(POLL)) {
                if (Body.isOf(run, record.value())) {
                    ledger.add(Body.device(record.value()), Body.sequence(record.value()));
                    lastNews = System.nanoTime();
                }
            }
            var result = ledger.compare(acknowledged);
            boolean silent = System.nanoTime() - lastNews > SILENCE.toNanos();
            if (isAtEnd() && (result.missing() == 0 || silent)) {
                return result;
            }
        }
    }

    private boolean isAtEnd() {
        return consumer.endOffsets(partitions).entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    @Override
    public void close() {
        consumer.close();
    }

    /**
     * @param missing acknowledged, yet not among the events
     * @param doubled events beyond the first of a message
     * @param outOfOrder events behind a later one of the same device, the first time they were seen
     */
    record Result(long acknowledged, long missing, long doubled, long outOfOrder) {

        boolean isGood() {
            return missing == 0 && outOfOrder == 0;
        }

        Result plus(Result other) {
            return new Result(
                    acknowledged + other.acknowledged,
                    missing + other.missing,
                    doubled + other.doubled,
                    outOfOrder + other.outOfOrder);
        }

        static final Result NOTHING = new Result(0, 0, 0, 0);
    }

    /** Events by device and sequence number. */
    static final class Ledger {

        private final BitSet[] seen;
        private long doubled;
        private long outOfOrder;

        Ledger(int devices) {
            seen = new BitSet[devices];
            for (int i = 0; i < devices; i++) {
                seen[i] = new BitSet();
            }
        }

        void add(int device, int sequence) {
            var ofDevice = seen[device];
            if (ofDevice.get(sequence)) {
                doubled++;
                return;
            }
            if (sequence < ofDevice.length()) {
                outOfOrder++;
            }
            ofDevice.set(sequence);
        }

        /** @param acknowledged by device, so many messages: those with the lowest sequence numbers */
        Result compare(int[] acknowledged) {
            long all = 0;
            long missing = 0;
            for (int device = 0; device < seen.length; device++) {
                int wanted = acknowledged[device];
                all += wanted;
                missing += wanted - seen[device].get(0, wanted).cardinality();
            }
            return new Result(all, missing, doubled, outOfOrder);
        }
    }
}
