package io.freehub.service.kafka;

import io.freehub.model.Topic;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.Config;

/**
 * Makes the clients of the hub's Kafka and, once per service, the topics that are missing. Every key under
 * {@code kafka.} that is no key of ours goes to the clients as it is, so TLS and SASL are set the usual way.
 */
@ApplicationScoped
public class HubKafka {

    private static final Duration STARTUP = Duration.ofSeconds(60);
    private static final List<String> CLIENT_KEYS =
            List.of("bootstrap.servers", "security.protocol", "sasl.", "ssl.", "client.dns.lookup");

    private final KafkaSettings settings;
    private final Config config;

    private boolean topicsExist;

    HubKafka(KafkaSettings settings, Config config) {
        this.settings = settings;
        this.config = config;
    }

    /** A producer that counts a record as written when every in-sync replica has it, each once and in order. */
    public KafkaProducer<byte[], byte[]> producer(String clientId, Map<String, Object> more) {
        var properties = connection(clientId);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.putAll(more);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A consumer that commits nothing by itself. */
    public KafkaConsumer<String, byte[]> consumer(String clientId, Map<String, Object> more) {
        return new KafkaConsumer<>(consuming(clientId, more), new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** The same, with keys as they are. */
    public KafkaConsumer<byte[], byte[]> bytesConsumer(String clientId, Map<String, Object> more) {
        return new KafkaConsumer<>(consuming(clientId, more), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Asks the broker about topics. */
    public Admin admin(String clientId) {
        return Admin.create(connection(clientId));
    }

    private Map<String, Object> consuming(String clientId, Map<String, Object> more) {
        var properties = connection(clientId);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        // The partitions of a service that was killed are soon another's, or its own again: not after 45 s.
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
        properties.putAll(more);
        return properties;
    }

    /**
     * Creates the topics that are missing, once; those that exist keep their partitions and settings. Waits for Kafka up
     * to a minute: services and broker start together.
     *
     * @throws IllegalStateException when Kafka was not to be reached in that time
     */
    public synchronized void createTopics() {
        if (topicsExist) {
            return;
        }
        var deadline = System.nanoTime() + STARTUP.toNanos();
        try (var admin = admin("freehub-topics")) {
            while (!tryCreate(admin)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("Kafka is not to be reached at "
                            + config.getValue("kafka.bootstrap.servers", String.class));
                }
            }
        }
        topicsExist = true;
    }

    /**
     * Adds partitions until there are as many. Only for a topic whose writers name the partition: elsewhere the order of
     * a key hangs on their number.
     *
     * @throws IllegalStateException when Kafka did not do so within a minute
     */
    public void addPartitions(Topic<?> topic, int atLeast) {
        createTopics();
        try (var admin = admin("freehub-topics")) {
            var deadline = System.nanoTime() + STARTUP.toNanos();
            while (!tryAddPartitions(admin, topic, atLeast)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(topic + " does not get partition " + (atLeast - 1));
                }
            }
        }
    }

    private static boolean tryAddPartitions(Admin admin, Topic<?> topic, int atLeast) {
        try {
            int count = admin.describeTopics(List.of(topic.name()))
                    .allTopicNames()
                    .get(10, TimeUnit.SECONDS)
                    .get(topic.name())
                    .partitions()
                    .size();
            if (count >= atLeast) {
                return true;
            }
            Log.infof("partitions added topic=%s from=%d to=%d", topic, count, atLeast);
            // Another gateway may be at it: whatever comes of this, the next look tells.
            admin.createPartitions(Map.of(topic.name(), NewPartitions.increaseTo(atLeast)))
                    .all()
                    .get(10, TimeUnit.SECONDS);
            return false;
        } catch (ExecutionException | TimeoutException e) {
            Log.warnf("partitions not added topic=%s reason=%s", topic, e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while partitions were added", e);
        }
    }

    private boolean tryCreate(Admin admin) {
        var creations = admin.createTopics(
                        Topic.ALL.stream().map(this::newTopic).toList())
                .values();
        boolean all = true;
        for (var creation : creations.entrySet()) {
            try {
                creation.getValue().get(10, TimeUnit.SECONDS);
                Log.infof("topic created name=%s", creation.getKey());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    Log.warnf("topic not created name=%s reason=%s", creation.getKey(), e.getCause());
                    all = false;
                }
            } catch (TimeoutException e) {
                all = false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while topics were created", e);
            }
        }
        return all;
    }

    private NewTopic newTopic(Topic<?> topic) {
        var partitions =
                Optional.ofNullable(settings.partitions().get(topic.name())).orElse(topic.partitions());
        return new NewTopic(topic.name(), partitions, settings.replicationFactor()).configs(topicConfig(topic));
    }

    private Map<String, String> topicConfig(Topic<?> topic) {
        var configs = new HashMap<String, String>();
        topic.retention()
                .ifPresentOrElse(
                        retention -> configs.put(
                                TopicConfig.RETENTION_MS_CONFIG,
                                Long.toString(
                                        Optional.ofNullable(settings.retention().get(topic.name()))
                                                .orElse(retention)
                                                .toMillis())),
                        () -> configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
        if (topic.equals(Topic.EVENTS)) {
            // Enqueued times never run backwards within a partition, so readers can start at one.
            configs.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
        }
        if (topic.equals(Topic.EVENT_CLAIMS)) {
            // Every gateway reads all of it at its start, and only what is no longer written to is compacted.
            configs.put(
                    TopicConfig.SEGMENT_MS_CONFIG,
                    Long.toString(Duration.ofHours(1).toMillis()));
        }
        if (settings.replicationFactor() > 2) {
            configs.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
        }
        return configs;
    }

    private Map<String, Object> connection(String clientId) {
        var properties = new HashMap<String, Object>();
        for (String key : config.getPropertyNames()) {
            if (key.startsWith("kafka.")
                    && CLIENT_KEYS.stream().anyMatch(key.substring("kafka.".length())::startsWith)) {
                config.getOptionalValue(key, String.class)
                        .ifPresent(value -> properties.put(key.substring("kafka.".length()), value));
            }
        }
        properties.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
        return properties;
    }
}
