package io.freehub.gateway;

import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.utils.Utils;

/**
 * The gateway's one producer. Event loops call {@link #send}, so it never blocks: partitions are known before the doors
 * open and stay known, and whoever sends stops reading from its socket while {@link #isFull}.
 */
@ApplicationScoped
public class GatewayProducer {

    /** Room that Kafka's buffer has beyond our own bound, for what was being read when it was reached. */
    private static final long HEADROOM = 32L << 20;

    private static final Duration WARM_UP = Duration.ofSeconds(60);
    private static final long TEN_YEARS_MS = Duration.ofDays(3650).toMillis();

    private final HubKafka kafka;
    private final long maxBytes;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<Topic<?>, Integer> partitions = new ConcurrentHashMap<>();
    private final AtomicLong bytesInFlight = new AtomicLong();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    GatewayProducer(HubKafka kafka, GatewayConfig config) {
        this.kafka = kafka;
        this.maxBytes = config.telemetry().maxBytesInFlight();
        long deliveryTimeout = config.telemetry().deliveryTimeout().toMillis();
        this.producer = kafka.producer(
                "freehub-gateway-" + config.ordinal(),
                Map.of(
                        ProducerConfig.LINGER_MS_CONFIG,
                        config.telemetry().linger().toMillis(),
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        64 << 10,
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        maxBytes + HEADROOM,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        0,
                        ProducerConfig.METADATA_MAX_IDLE_CONFIG,
                        TEN_YEARS_MS,
                        // Otherwise it forgets the partitions when no broker is there, and messages fail that should
                        // wait.
                        CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG,
                        MetadataRecoveryStrategy.NONE.name,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        (int) Math.max(1000, deliveryTimeout / 2),
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        (int) deliveryTimeout));
    }

    /** Makes the topics and learns their partitions, so that no send has to wait for them. */
    void warmUp(Topic<?>... topics) {
        kafka.createTopics();
        for (var topic : topics) {
            partitions.put(topic, partitionsOf(topic));
        }
    }

    private int partitionsOf(Topic<?> topic) {
        long deadline = System.nanoTime() + WARM_UP.toNanos();
        while (true) {
            try {
                return producer.partitionsFor(topic.name()).size();
            } catch (TimeoutException e) {
                // The producer never blocks: it says so until the answer it has asked for is there.
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
    }

    /** The partition that Kafka's own default gives to the key, so that every writer agrees. */
    public int partition(Topic<?> topic, byte[] key) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions.get(topic);
    }

    /**
     * Sends; the callback comes on the producer's thread when every in-sync replica has the record, or when it was given
     * up.
     *
     * @param bytes what the record counts while it is under way
     */
    public void send(ProducerRecord<byte[], byte[]> record, int bytes, Callback callback) {
        bytesInFlight.addAndGet(bytes);
        try {
            producer.send(record, (metadata, failure) -> {
                release(bytes);
                callback.onCompletion(metadata, failure);
            });
        } catch (RuntimeException e) {
            release(bytes);
            callback.onCompletion(null, e);
        }
    }

    /** Whether so much is under way that nobody should add to it. */
    public boolean isFull() {
        return bytesInFlight.get() >= maxBytes;
    }

    /** Runs the task, on any thread, as soon as there is room again; at once when there is. */
    public void whenRoom(Runnable task) {
        waiting.add(task);
        if (hasRoom()) {
            runWaiting();
        }
    }

    private boolean hasRoom() {
        return bytesInFlight.get() <= maxBytes / 2;
    }

    private void release(int bytes) {
        bytesInFlight.addAndGet(-bytes);
        if (!waiting.isEmpty() && hasRoom()) {
            runWaiting();
        }
    }

    private void runWaiting() {
        for (var task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }

    /** Waits for all that is under way, up to the delivery timeout. */
    void close(Duration atMost) {
        producer.close(atMost);
        if (bytesInFlight.get() > 0) {
            Log.warnf("stopped with messages unconfirmed bytes=%d", bytesInFlight.get());
        }
    }
}
