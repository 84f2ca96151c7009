package io.freehub.standalone;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The shared access policies, read on a thread of its own from the beginning of their topic, and onwards. Before the topic
 * is there no policy is known.
 */
final class FollowedPolicies implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(FollowedPolicies.class.getName());
    private static final Duration POLL = Duration.ofSeconds(1);

    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<String, AccessPolicy> policies = new ConcurrentHashMap<>();
    private final Thread thread =
            Thread.ofPlatform().name("follow-policies").daemon().unstarted(this::run);

    private FollowedPolicies(KafkaConsumer<String, byte[]> consumer) {
        this.consumer = consumer;
    }

    /** @param kafka address of the broker, which may be still to come */
    static FollowedPolicies on(String kafka) {
        var settings = Map.<String, Object>of(
                "bootstrap.servers",
                kafka,
                "enable.auto.commit",
                false,
                "allow.auto.create.topics",
                false,
                "auto.offset.reset",
                "earliest",
                "metadata.max.age.ms",
                1_000);
        var followed = new FollowedPolicies(
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer()));
        followed.consumer.assign(List.of(new TopicPartition(Topic.POLICIES.name(), 0)));
        followed.thread.start();
        return followed;
    }

    Optional<AccessPolicy> find(String name) {
        return Optional.ofNullable(policies.get(name));
    }

    private void run() {
        try (consumer) {
            while (true) {
                consumer.poll(POLL).forEach(this::take);
            }
        } catch (WakeupException closed) {
            // as it was told to
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        try {
            PolicyRecord.read(record)
                    .ifPresentOrElse(policy -> policies.put(record.key(), policy), () -> policies.remove(record.key()));
        } catch (LauncherException damaged) {
            policies.remove(record.key());
            LOG.log(Level.WARNING, "passed over: {0}", damaged.getMessage());
        }
    }

    @Override
    public void close() {
        consumer.wakeup();
    }
}
