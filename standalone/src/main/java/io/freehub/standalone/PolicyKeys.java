package io.freehub.standalone;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.SymmetricKey;
import io.freehub.model.Topic;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the keys of shared access policies where every service reads them: registry-service publishes them at its start. */
final class PolicyKeys {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(100);

    private PolicyKeys() {}

    /** The newest primary key of the policy; waits for it to be published. */
    static SymmetricKey primaryOf(String policy, String kafka) {
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
            var key = Optional.<SymmetricKey>empty();
            while (Instant.now().isBefore(deadline)) {
                if (consumer.assignment().isEmpty() && !assign(consumer)) {
                    pause();
                    continue;
                }
                for (var record : consumer.poll(POLL)) {
                    if (policy.equals(record.key()) && record.value() != null) {
                        key = Optional.of(primaryKey(record.value()));
                    }
                }
                if (key.isPresent() && isAtEnd(consumer)) {
                    return key.get();
                }
            }
        }
        throw new LauncherException("the policy %s did not appear on %s within %d s"
                .formatted(policy, Topic.POLICIES, PATIENCE.toSeconds()));
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

    private static SymmetricKey primaryKey(byte[] json) {
        try {
            return new SymmetricKey(
                    new ObjectMapper().readTree(json).path("primaryKey").asText());
        } catch (IOException damaged) {
            throw new LauncherException("a record on " + Topic.POLICIES + " is no policy");
        }
    }
}
