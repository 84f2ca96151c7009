package io.freehub.standalone;

import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import io.freehub.model.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the keys of shared access policies where every service reads them: registry-service publishes them at its start. */
final class PolicyKeys {

    private static final String OWNER = "iothubowner";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(100);

    private PolicyKeys() {}

    /** A policy that may manage the hub. */
    record Manager(String name, SymmetricKey primary) {}

    /** The policy iothubowner or, if it was deleted, another that manages the hub; waits for it to be published. */
    static Manager ofManager(String kafka) {
        var deadline = Instant.now().plus(PATIENCE);
        var settings = Map.<String, Object>of(
                "bootstrap.servers",
                kafka,
                "enable.auto.commit",
                false,
                "allow.auto.create.topics",
                false,
                "metadata.max.age.ms",
                1_000);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            var managers = new TreeMap<String, SymmetricKey>();
            while (Instant.now().isBefore(deadline)) {
                if (consumer.assignment().isEmpty() && !assign(consumer)) {
                    pause();
                    continue;
                }
                for (var record : consumer.poll(POLL)) {
                    PolicyRecord.read(record)
                            .filter(policy -> policy.allows(Permission.HUB_MANAGE))
                            .ifPresentOrElse(
                                    policy -> managers.put(
                                            record.key(), policy.keys().primary()),
                                    () -> managers.remove(record.key()));
                }
                if (!managers.isEmpty() && isAtEnd(consumer)) {
                    var name = managers.containsKey(OWNER) ? OWNER : managers.firstKey();
                    return new Manager(name, managers.get(name));
                }
            }
        }
        throw new LauncherException("no policy with %s appeared on %s within %d s"
                .formatted(Permission.HUB_MANAGE.wireName(), Topic.POLICIES, PATIENCE.toSeconds()));
    }

    private static boolean assign(KafkaConsumer<String, byte[]> consumer) {
        var partitions = consumer.partitionsFor(Topic.POLICIES.name()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return !partitions.isEmpty();
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LauncherException("interrupted", interrupted);
        }
    }

    private static boolean isAtEnd(KafkaConsumer<String, byte[]> consumer) {
        return consumer.endOffsets(consumer.assignment()).entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }
}
