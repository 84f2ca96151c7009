package io.freehub.gateway.events;

import io.freehub.model.ConsumerGroup;
import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** The consumer groups that there are, in memory. */
@ApplicationScoped
public class ConsumerGroups {

    private static final int TRIES = 10;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final HubKafka kafka;
    private final Map<String, ConsumerGroup> groups = new ConcurrentHashMap<>();
    private final List<Consumer<String>> whenDeleted = new CopyOnWriteArrayList<>();
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
                (group, record) ->
                        group.ifPresentOrElse(known -> groups.put(record.key(), known), () -> deleted(record.key()))));
    }

    private void deleted(String key) {
        if (groups.remove(key) != null) {
            whenDeleted.forEach(listener -> listener.accept(key));
        }
    }

    /** Whoever is told the {@link ConsumerGroup#key} of each that is deleted, on any thread. */
    void whenDeleted(Consumer<String> listener) {
        whenDeleted.add(listener);
    }

    public void stop() {
        reader.ifPresent(TopicReader::close);
    }

    /** Whether there is one of this name; the default is always there. */
    public boolean exists(String name) {
        return ConsumerGroup.isDefault(name) || groups.containsKey(ConsumerGroup.key(name));
    }

    /** The same; who has made one a moment ago attaches at once, so one that there is not is waited for a little. */
    public CompletableFuture<Boolean> existsSoon(String name) {
        return existsSoon(name, TRIES);
    }

    private CompletableFuture<Boolean> existsSoon(String name, int tries) {
        if (exists(name) || tries == 0) {
            return CompletableFuture.completedFuture(exists(name));
        }
        return CompletableFuture.supplyAsync(
                        () -> existsSoon(name, tries - 1),
                        CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS))
                .thenCompose(Function.identity());
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
