package io.freehub.store;

import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.quarkus.logging.Log;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads a topic into the database in batches, on a thread of its own. Replicas share the partitions. The position moves on
 * when the database has taken a batch; Kafka or the database being away only delays. A record that cannot be read is
 * logged and passed over.
 *
 * @param <T> what a record is read as
 */
public final class BatchReader<T> implements AutoCloseable {

    /**
     * How a topic is read.
     *
     * @param name of the thread and, after {@code freehub-}, of the client
     * @param group that shares the partitions
     * @param batchSize greatest number of records of a batch
     * @param gather pause after a batch, so that many records share the next one; zero for none
     * @param maxBackoff longest pause between tries while the database is away
     */
    public record Settings(String name, String group, int batchSize, Duration gather, Duration maxBackoff) {}

    /**
     * Records that came together.
     *
     * @param records in the order of the log, as far as they are of one partition
     * @param spans what of each partition this is
     */
    public record Batch<T>(List<T> records, Map<Integer, Span> spans) {}

    /** From the first offset, up to the one before the second. */
    public record Span(long from, long to) {}

    /** Takes what is read, on the reader's thread. */
    @FunctionalInterface
    public interface Sink<T> {

        /**
         * Reading is about to begin.
         *
         * @param ends of the partitions
         */
        default void begin(Map<Integer, Long> ends) throws SQLException {}

        /** Stores a batch. With {@link Positions} it stores those too, or throws {@link PositionMovedException}. */
        void store(Batch<T> batch) throws SQLException, InterruptedException;
    }

    /**
     * Positions that stand in the database, written in the transaction that stores what was read. So nothing counts twice,
     * whatever Kafka knows of it.
     */
    @FunctionalInterface
    public interface Positions {

        /**
         * Where to read on; what it says is stored.
         *
         * @param beginning offset of the oldest record
         * @param end offset of the record to come
         */
        long readOn(int partition, long beginning, long end) throws SQLException;
    }

    /** The stored position is not the one before the batch: another replica has the partition, or the log went on without us. */
    public static final class PositionMovedException extends RuntimeException {

        /** Of this partition. */
        public PositionMovedException(int partition, Span span) {
            super("partition " + partition + " is not read at " + span);
        }
    }

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration STOPPING = Duration.ofSeconds(10);

    /** Work that the database may refuse for a while. */
    @FunctionalInterface
    private interface Storing {
        void run() throws SQLException, InterruptedException;
    }

    private final HubKafka kafka;
    private final Topic<?> topic;
    private final Settings settings;
    private final Function<ConsumerRecord<String, byte[]>, T> read;
    private final Sink<T> sink;
    private final Optional<Positions> positions;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /** When Kafka was last told of the positions; for the reader's thread. */
    private long toldAt = System.nanoTime();

    /**
     * A reader whose positions Kafka keeps: what is read again must change nothing.
     *
     * @param read may throw for a record that is to be passed over
     */
    public BatchReader(
            HubKafka kafka,
            Topic<?> topic,
            Settings settings,
            Function<ConsumerRecord<String, byte[]>, T> read,
            Sink<T> sink) {
        this(kafka, topic, settings, read, sink, Optional.empty());
    }

    /** A reader whose positions the sink stores. */
    public BatchReader(
            HubKafka kafka,
            Topic<?> topic,
            Settings settings,
            Function<ConsumerRecord<String, byte[]>, T> read,
            Sink<T> sink,
            Positions positions) {
        this(kafka, topic, settings, read, sink, Optional.of(positions));
    }

    private BatchReader(
            HubKafka kafka,
            Topic<?> topic,
            Settings settings,
            Function<ConsumerRecord<String, byte[]>, T> read,
            Sink<T> sink,
            Optional<Positions> positions) {
        this.kafka = kafka;
        this.topic = topic;
        this.settings = settings;
        this.read = read;
        this.sink = sink;
        this.positions = positions;
        this.thread = Thread.ofPlatform().daemon().name(settings.name()).unstarted(this::run);
    }

    /** Begins to read, once the topic is there. */
    public void start() {
        kafka.createTopics();
        thread.start();
    }

    /** Whether records are being read. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Stops after the present batch. */
    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(STOPPING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (var consumer = kafka.consumer(
                "freehub-" + settings.name(),
                Map.of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        settings.group(),
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        settings.batchSize()))) {
            boolean begun = false;
            boolean moved = false;
            while (!isStopping()) {
                try {
                    if (!begun) {
                        var ends = ends(consumer);
                        storeSurely(() -> sink.begin(ends));
                        consumer.subscribe(List.of(topic.name()), new Seeking(consumer));
                        begun = true;
                    }
                    if (moved) {
                        seek(consumer, consumer.assignment());
                        moved = false;
                    }
                    storeNext(consumer);
                } catch (KafkaException e) {
                    // Whoever has the partitions now reads the records again.
                    Log.warnf("records not read, trying on topic=%s reason=%s", topic, e);
                    pause(FIRST_BACKOFF);
                } catch (PositionMovedException e) {
                    Log.warnf("records not stored, reading on elsewhere topic=%s reason=%s", topic, e.getMessage());
                    moved = true;
                    pause(FIRST_BACKOFF);
                }
            }
        } catch (InterruptedException e) {
            Log.infof("reading interrupted topic=%s", topic);
        }
    }

    private Map<Integer, Long> ends(KafkaConsumer<String, byte[]> consumer) {
        var partitions = consumer.partitionsFor(topic.name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        var ends = new HashMap<Integer, Long>();
        consumer.endOffsets(partitions).forEach((partition, end) -> ends.put(partition.partition(), end));
        return ends;
    }

    private void storeNext(KafkaConsumer<String, byte[]> consumer) throws InterruptedException {
        var records = consumer.poll(POLL);
        if (records.isEmpty()) {
            tellPositions(consumer);
            return;
        }
        var batch = batch(records);
        if (storeSurely(() -> sink.store(batch))) {
            if (positions.isPresent()) {
                tellPositions(consumer);
            } else {
                consumer.commitSync();
            }
            pause(settings.gather());
        }
    }

    /** For who watches the group; the database has them surely. */
    private void tellPositions(KafkaConsumer<String, byte[]> consumer) {
        if (positions.isPresent() && System.nanoTime() - toldAt > POLL.toNanos()) {
            consumer.commitAsync();
            toldAt = System.nanoTime();
        }
    }

    /** Tries until the database takes it; false when the service stops before. */
    private boolean storeSurely(Storing storing) throws InterruptedException {
        var backoff = FIRST_BACKOFF;
        while (!isStopping()) {
            try {
                storing.run();
                return true;
            } catch (SQLException e) {
                if (backoff.equals(FIRST_BACKOFF)) {
                    Log.warnf("records not stored, trying on topic=%s reason=%s", topic, e);
                }
                pause(backoff);
                backoff = backoff.multipliedBy(2);
                if (backoff.compareTo(settings.maxBackoff()) > 0) {
                    backoff = settings.maxBackoff();
                }
            }
        }
        return false;
    }

    private Batch<T> batch(ConsumerRecords<String, byte[]> records) {
        var all = new ArrayList<T>(records.count());
        for (var record : records) {
            try {
                all.add(read.apply(record));
            } catch (RuntimeException e) {
                Log.errorf(
                        e,
                        "record passed over topic=%s partition=%d offset=%d",
                        record.topic(),
                        record.partition(),
                        record.offset());
            }
        }
        var spans = new HashMap<Integer, Span>();
        for (var partition : records.partitions()) {
            var of = records.records(partition);
            spans.put(
                    partition.partition(),
                    new Span(of.getFirst().offset(), of.getLast().offset() + 1));
        }
        return new Batch<>(all, spans);
    }

    private void seek(KafkaConsumer<String, byte[]> consumer, Collection<TopicPartition> partitions)
            throws InterruptedException {
        if (positions.isPresent()) {
            var beginnings = consumer.beginningOffsets(partitions);
            var ends = consumer.endOffsets(partitions);
            for (var partition : partitions) {
                storeSurely(() -> consumer.seek(
                        partition,
                        positions.get().readOn(partition.partition(), beginnings.get(partition), ends.get(partition))));
            }
        }
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void pause(Duration time) throws InterruptedException {
        stopping.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Finds the position of each partition that comes to this replica. */
    private final class Seeking implements ConsumerRebalanceListener {

        private final KafkaConsumer<String, byte[]> consumer;

        private Seeking(KafkaConsumer<String, byte[]> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            try {
                seek(consumer, partitions);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // Each batch is stored or given up before the next poll.
        }
    }
}
