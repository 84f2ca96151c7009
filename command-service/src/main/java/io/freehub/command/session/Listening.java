package io.freehub.command.session;

import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * For how long all that gateways said has been heard. A gateway is silent only while somebody listens: neither while Kafka
 * or the database is away, nor before a log that was left unread has been read. For one thread.
 */
final class Listening implements AutoCloseable {

    private static final int PATIENCE_MS = 5_000;

    private final KafkaConsumer<String, byte[]> consumer;
    private final Duration longestGap;
    private Map<TopicPartition, Long> ends = Map.of();
    private Optional<Long> since = Optional.empty();
    private long looked = System.nanoTime();

    /**
     * @param group that reads the log; this does not join it
     * @param longestGap between two looks; after a longer one listening begins anew
     */
    Listening(HubKafka kafka, String group, Duration longestGap) {
        this.longestGap = longestGap;
        this.consumer = kafka.consumer(
                "freehub-listening",
                Map.of(
                        ConsumerConfig.GROUP_ID_CONFIG,
                        group,
                        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        PATIENCE_MS,
                        ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        PATIENCE_MS));
    }

    /** Looks whether all is stored that stood in the log at the last look; for how long that was so at each. */
    Duration look() {
        long now = System.nanoTime();
        boolean heard;
        try {
            var before = ends;
            ends = readEnds();
            heard = !before.isEmpty() && now - looked < longestGap.toNanos() && isStored(before);
        } catch (KafkaException e) {
            Log.debugf("nothing is heard of gateways reason=%s", e);
            ends = Map.of();
            heard = false;
        }
        looked = now;
        since = heard ? since.or(() -> Optional.of(now)) : Optional.empty();
        return since.map(begin -> Duration.ofNanos(now - begin)).orElse(Duration.ZERO);
    }

    private Map<TopicPartition, Long> readEnds() {
        var partitions = consumer.partitionsFor(Topic.CONNECTIONS.name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .collect(Collectors.toSet());
        return Map.copyOf(consumer.endOffsets(partitions));
    }

    private boolean isStored(Map<TopicPartition, Long> ends) {
        var stored = consumer.committed(new HashSet<>(ends.keySet()));
        return ends.entrySet().stream()
                .allMatch(end -> end.getValue() == 0
                        || Optional.ofNullable(stored.get(end.getKey()))
                                .map(OffsetAndMetadata::offset)
                                .filter(offset -> offset >= end.getValue())
                                .isPresent());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
