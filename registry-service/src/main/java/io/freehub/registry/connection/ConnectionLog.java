package io.freehub.registry.connection;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.Topic;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.connection.ConnectionBatch.Logged;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Keeps the sessions in the database as the log of connections tells of them, on a thread of its own. Replicas share the
 * partitions. Events are stored before their offset is committed, and storing them twice changes nothing.
 */
@ApplicationScoped
class ConnectionLog {

    private static final String GROUP = "registry";
    private static final Duration POLL = Duration.ofSeconds(1);
    /** So that many events of a rush share a transaction and a commit; whoever asks sees a state that much older. */
    private static final Duration GATHER = Duration.ofMillis(20);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);

    /** Work that the database may refuse for a while. */
    @FunctionalInterface
    private interface Storing {
        void run() throws SQLException;
    }

    private final HubKafka kafka;
    private final ConnectionStore store;
    private final RegistryConfig config;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("connection-log").unstarted(this::run);
    private final CountDownLatch stopping = new CountDownLatch(1);

    ConnectionLog(HubKafka kafka, ConnectionStore store, RegistryConfig config) {
        this.kafka = kafka;
        this.store = store;
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        kafka.createTopics();
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping.countDown();
        thread.join(Duration.ofSeconds(10));
    }

    /** Whether events are still being read. */
    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        try (var consumer = kafka.consumer(
                "freehub-registry-connections",
                Map.of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        GROUP,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        config.connectionBatchSize()))) {
            boolean begun = false;
            while (!isStopping()) {
                try {
                    if (!begun) {
                        noteEnds(consumer);
                        consumer.subscribe(List.of(Topic.CONNECTIONS.name()));
                        begun = true;
                    }
                    storeNext(consumer);
                } catch (KafkaException e) {
                    // Whoever has the partitions now reads the events again.
                    Log.warnf("connection events not read, trying on reason=%s", e);
                    pause(FIRST_BACKOFF);
                }
            }
        } catch (InterruptedException e) {
            Log.info("connection log interrupted");
        }
    }

    private void storeNext(KafkaConsumer<String, byte[]> consumer) throws InterruptedException {
        var records = consumer.poll(POLL);
        if (!records.isEmpty() && storeSurely(() -> store.store(ConnectionBatch.of(events(records))))) {
            consumer.commitSync();
            pause(GATHER);
        }
    }

    private void noteEnds(KafkaConsumer<String, byte[]> consumer) throws InterruptedException {
        var partitions = consumer.partitionsFor(Topic.CONNECTIONS.name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        for (var end : consumer.endOffsets(partitions).entrySet()) {
            storeSurely(() -> store.logEndsAt(end.getKey().partition(), end.getValue()));
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
                    Log.warnf("connection events not stored, trying on reason=%s", e);
                }
                pause(backoff);
                backoff = backoff.multipliedBy(2);
                if (backoff.compareTo(config.connectionMaxBackoff()) > 0) {
                    backoff = config.connectionMaxBackoff();
                }
            }
        }
        return false;
    }

    private static List<Logged> events(ConsumerRecords<String, byte[]> records) {
        var events = new ArrayList<Logged>(records.count());
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                events.add(new Logged(
                        HubJson.read(record.value(), ConnectionEvent.class), record.partition(), record.offset()));
            } catch (RuntimeException e) {
                Log.errorf(
                        e,
                        "record passed over topic=%s partition=%d offset=%d",
                        record.topic(),
                        record.partition(),
                        record.offset());
            }
        }
        return events;
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void pause(Duration time) throws InterruptedException {
        stopping.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
