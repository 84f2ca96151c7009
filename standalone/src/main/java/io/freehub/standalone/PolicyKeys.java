package io.freehub.standalone;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The shared access policies that connection strings are made of, read where every service reads them: registry-service
 * publishes them at its start.
 */
final class PolicyKeys {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(100);

    private final SortedMap<String, AccessPolicy> policies;

    private PolicyKeys(SortedMap<String, AccessPolicy> policies) {
        this.policies = policies;
    }

    /** The policy iothubowner or, if it was deleted or may no longer, another that manages the hub. */
    AccessPolicy manager() {
        return find(Permission.HUB_MANAGE, "iothubowner").orElseThrow();
    }

    /** The policy service or, if it was deleted or may no longer, another that reads events. */
    Optional<AccessPolicy> reader() {
        return find(Permission.SERVICE_CONNECT, "service");
    }

    private Optional<AccessPolicy> find(Permission needed, String best) {
        var able = policies.values().stream()
                .filter(policy -> policy.allows(needed))
                .toList();
        return able.stream()
                .filter(policy -> policy.name().equals(best))
                .findFirst()
                .or(() -> able.stream().findFirst());
    }

    /** Reads those there are; waits until one that manages the hub is published. */
    static PolicyKeys read(String kafka) {
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
            var policies = new TreeMap<String, AccessPolicy>();
            while (Instant.now().isBefore(deadline)) {
                if (consumer.assignment().isEmpty() && !assign(consumer)) {
                    pause();
                    continue;
                }
                for (var record : consumer.poll(POLL)) {
                    PolicyRecord.read(record)
                            .filter(policy -> !AccessPolicy.isHubsOwn(policy.name()))
                            .ifPresentOrElse(
                                    policy -> policies.put(record.key(), policy), () -> policies.remove(record.key()));
                }
                var keys = new PolicyKeys(policies);
                if (keys.find(Permission.HUB_MANAGE, "").isPresent() && isAtEnd(consumer)) {
                    return keys;
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
