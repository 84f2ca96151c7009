package io.freehub.router;

import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.logging.Log;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Takes every message from {@code hub.telemetry} to {@code hub.events}, in order per device. A position is committed
 * only after Kafka has the events before it for good, so nothing is lost; a router that is killed leaves a few messages
 * to be routed twice.
 */
@ApplicationScoped
public class TelemetryRouter {

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration STOPPING = Duration.ofSeconds(10);

    private final HubKafka kafka;
    private final RouterConfig config;
    private final Counter routed;
    private final Thread thread = Thread.ofPlatform().name("route-telemetry").unstarted(this::run);
    private final Map<TopicPartition, OffsetAndMetadata> routedUpTo = new HashMap<>();
    private volatile Optional<KafkaConsumer<byte[], byte[]>> consumer = Optional.empty();
    private volatile boolean stopping;
    private volatile boolean joined;
    private volatile long lastProgress = System.nanoTime();
    private long lastCommit = System.nanoTime();

    TelemetryRouter(HubKafka kafka, RouterConfig config, MeterRegistry metrics) {
        this.kafka = kafka;
        this.config = config;
        this.routed = Counter.builder("freehub.router.messages")
                .description("Messages taken to the built-in endpoint")
                .register(metrics);
    }

    void start(@Observes StartupEvent event) {
        kafka.createTopics();
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        consumer.ifPresent(KafkaConsumer::wakeup);
        thread.join(STOPPING);
    }

    /** Whether messages are being routed, or would be if there were any. */
    boolean isAlive() {
        return thread.isAlive()
                && System.nanoTime() - lastProgress < config.stuckAfter().toNanos();
    }

    /** Whether the other routers have given this one its share. */
    boolean isJoined() {
        return joined;
    }

    private void run() {
        while (!stopping) {
            try (var from = consumer();
                    var to = producer()) {
                consumer = Optional.of(from);
                from.subscribe(List.of(Topic.TELEMETRY.name()), new CommitOnRevoke(from));
                routeUntilStopped(from, to);
            } catch (WakeupException e) {
                // stop() was called; all that was routed is committed.
            } catch (KafkaException e) {
                // Reading begins anew at the last committed position: some are routed twice, none is lost.
                Log.errorf(e, "routing begins anew");
            } catch (RuntimeException | Error e) {
                Log.fatal("routing cannot go on", e);
                Quarkus.asyncExit(1);
                throw e;
            }
        }
    }

    private void routeUntilStopped(KafkaConsumer<byte[], byte[]> from, KafkaProducer<byte[], byte[]> to) {
        try {
            while (!stopping) {
                var messages = from.poll(POLL);
                route(messages, to);
                lastProgress = System.nanoTime();
                commitNowAndThen(from);
            }
        } finally {
            commit(from);
        }
    }

    private void route(ConsumerRecords<byte[], byte[]> messages, KafkaProducer<byte[], byte[]> to) {
        if (messages.isEmpty()) {
            return;
        }
        var failure = new AtomicReference<Exception>();
        for (var message : messages) {
            to.send(BuiltInEvents.event(message), (_, reason) -> {
                if (reason != null) {
                    failure.compareAndSet(null, reason);
                }
            });
        }
        to.flush();
        if (failure.get() != null) {
            throw new KafkaException("the built-in endpoint did not take a message", failure.get());
        }
        routed.increment(messages.count());
        routedUpTo.putAll(messages.nextOffsets());
    }

    private void commitNowAndThen(KafkaConsumer<byte[], byte[]> from) {
        var now = System.nanoTime();
        if (!routedUpTo.isEmpty() && now - lastCommit >= config.commitInterval().toNanos()) {
            lastCommit = now;
            var offsets = Map.copyOf(routedUpTo);
            routedUpTo.clear();
            from.commitAsync(offsets, (_, reason) -> {
                if (reason != null) {
                    // The next commit says more than this one.
                    Log.debugf("position not committed reason=%s", reason.getMessage());
                }
            });
        }
    }

    private void commit(KafkaConsumer<byte[], byte[]> from) {
        if (!routedUpTo.isEmpty()) {
            try {
                from.commitSync(routedUpTo, STOPPING);
            } catch (RetriableException | CommitFailedException e) {
                Log.warnf("position not committed, some messages will come twice reason=%s", e.getMessage());
            }
            routedUpTo.clear();
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return kafka.bytesConsumer(
                "freehub-router",
                Map.<String, Object>of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        "freehub-router",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        config.batch(),
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        (int) config.gather().toMillis(),
                        ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
                        config.gatherBytes(),
                        // Kafka being away makes a batch wait; nobody else could route it in the meantime.
                        ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                        (int) config.stuckAfter().toMillis(),
                        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                        "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"));
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return kafka.producer(
                "freehub-router",
                Map.of(
                        ProducerConfig.LINGER_MS_CONFIG,
                        0,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        128 << 10,
                        // Tried until it is done: giving up and beginning anew would change the order.
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        Integer.MAX_VALUE,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        config.stuckAfter().toMillis()));
    }

    /** Another router goes on exactly where this one stopped. */
    private final class CommitOnRevoke implements ConsumerRebalanceListener {

        private final KafkaConsumer<byte[], byte[]> from;

        private CommitOnRevoke(KafkaConsumer<byte[], byte[]> from) {
            this.from = from;
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit(from);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            joined = true;
            Log.infof("routing partitions=%s", partitions);
        }
    }
}
