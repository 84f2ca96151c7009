package io.freehub.gateway.events;

import io.freehub.model.ConsumerGroup;
import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The consumer groups that there are, in memory. */
@ApplicationScoped
public class ConsumerGroups {

    private final HubKafka kafka;
    private final Map<String, ConsumerGroup> groups = new ConcurrentHashMap<>();
    private volatile Optional<TopicReader<ConsumerGroup>> reader = Optional.empty();

    ConsumerGroups(HubKafka kafka) {
        this.kafka = kafka;
    }

    /** Begins to hear of them. */
    public void start() {
        reader = Optional.of(TopicReader.start(
                kafka,
                Topic.CONSUMER_GROUPS,
                TopicReader.From.BEGINNING,
                (group, record) -> group.ifPresentOrElse(
                        known -> groups.put(record.key(), known), () -> groups.remove(record.key()))));
    }

    public void stop() {
        reader.ifPresent(TopicReader::close);
    }

    /** Whether there is one of this name; the default is always there. */
    public boolean exists(String name) {
        return ConsumerGroup.isDefault(name) || groups.containsKey(ConsumerGroup.key(name));
    }

    /** When the endpoint was made. */
    public Instant endpointCreatedAt() {
        return Optional.ofNullable(groups.get(ConsumerGroup.key(ConsumerGroup.DEFAULT)))
                .map(ConsumerGroup::createdAt)
                .orElse(Instant.EPOCH);
    }

    /** Whether changes are still heard of. */
    public boolean areFollowed() {
        return reader.map(TopicReader::isAlive).orElse(false);
    }
}
