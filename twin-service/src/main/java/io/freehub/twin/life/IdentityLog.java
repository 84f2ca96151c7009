package io.freehub.twin.life;

import io.freehub.model.RegistryEvent;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.twin.TwinConfig;
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

/**
 * Begins and ends twins as the registry tells of identities, on a thread of its own. Replicas share the partitions. Events
 * are stored before their offset is committed, and storing them twice changes nothing.
 */
@ApplicationScoped
class IdentityLog {

    private static final String GROUP = "twin";
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);

    private final HubKafka kafka;
    private final TwinLife lives;
    private final TwinConfig config;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("identity-log").unstarted(this::run);
    private final CountDownLatch stopping = new CountDownLatch(1);

    IdentityLog(HubKafka kafka, TwinLife lives, TwinConfig config) {
        this.kafka = kafka;
        this.lives = lives;
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
                "freehub-twin-identities",
                Map.of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        GROUP,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        config.identityBatchSize()))) {
            consumer.subscribe(List.of(Topic.REGISTRY.name()));
            while (!isStopping()) {
                try {
                    storeNext(consumer);
                } catch (KafkaException e) {
                    // Whoever has the partitions now reads the events again.
                    Log.warnf("identity events not read, trying on reason=%s", e);
                    pause(FIRST_BACKOFF);
                }
            }
        } catch (InterruptedException e) {
            Log.info("identity log interrupted");
        }
    }

    private void storeNext(KafkaConsumer<String, byte[]> consumer) throws InterruptedException {
        var records = consumer.poll(POLL);
        if (!records.isEmpty() && storeSurely(IdentityBatch.of(events(records)))) {
            consumer.commitSync();
        }
    }

    /** Tries until the database takes it; false when the service stops before. */
    private boolean storeSurely(IdentityBatch batch) throws InterruptedException {
        var backoff = FIRST_BACKOFF;
        while (!isStopping()) {
            try {
                lives.apply(batch);
                return true;
            } catch (SQLException e) {
                if (backoff.equals(FIRST_BACKOFF)) {
                    Log.warnf("identity events not stored, trying on reason=%s", e);
                }
                pause(backoff);
                backoff = backoff.multipliedBy(2);
                if (backoff.compareTo(config.identityMaxBackoff()) > 0) {
                    backoff = config.identityMaxBackoff();
                }
            }
        }
        return false;
    }

    private static List<RegistryEvent> events(ConsumerRecords<String, byte[]> records) {
        var events = new ArrayList<RegistryEvent>(records.count());
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                var event = HubJson.read(record.value(), RegistryEvent.class);
                Long.parseLong(event.generationId());
                events.add(event);
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
