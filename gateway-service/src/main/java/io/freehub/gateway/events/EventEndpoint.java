package io.freehub.gateway.events;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** The topic of events as an event hub: its partitions and their readers. Clients keep their positions themselves. */
@ApplicationScoped
public class EventEndpoint {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How old the state of a partition may be that readers hear of with their events. */
    private static final Duration RECENT = Duration.ofSeconds(1);

    /** What is read ahead for one client. */
    private static final int FETCH_BYTES = 1 << 20;

    private final HubKafka kafka;
    private final ConsumerGroups groups;
    private final EventReceivers receivers;
    private final GatewayConfig.Events config;
    private final Set<EventReader> readers = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Recent> recent = new ConcurrentHashMap<>();
    private volatile Optional<Admin> admin = Optional.empty();

    /** @param askedAt as {@link System#nanoTime()} has it */
    private record Recent(CompletableFuture<PartitionState> state, long askedAt) {

        private boolean isOld() {
            return state.isCompletedExceptionally() || System.nanoTime() - askedAt > RECENT.toNanos();
        }
    }

    EventEndpoint(
            HubKafka kafka,
            ConsumerGroups groups,
            EventReceivers receivers,
            GatewayConfig config,
            MeterRegistry metrics) {
        this.kafka = kafka;
        this.groups = groups;
        this.receivers = receivers;
        this.config = config.events();
        metrics.gaugeCollectionSize("freehub.events.readers", Tags.empty(), readers);
    }

    /** Begins to answer. Waits for Kafka. */
    public void start() {
        kafka.createTopics();
        groups.start();
        receivers.start();
        admin = Optional.of(kafka.admin("freehub-events-state"));
    }

    /** Ends all readers. */
    public void stop() {
        readers.forEach(EventReader::close);
        receivers.stop();
        groups.stop();
        admin.ifPresent(client -> client.close(Duration.ZERO));
    }

    /** Whether what it must know is still heard of. */
    public boolean isAlive() {
        return groups.areFollowed() && receivers.areFollowed();
    }

    /** How many partitions there are; they are numbered from 0. */
    public CompletableFuture<Integer> partitions() {
        return answer(client().describeTopics(Set.of(Topic.EVENTS.name()))
                        .topicNameValues()
                        .get(Topic.EVENTS.name()))
                .thenApply(topic -> topic.partitions().size());
    }

    /** What a partition holds. Fails with {@link HubError#NOT_FOUND} when there is no such partition. */
    public CompletableFuture<PartitionState> state(int partition) {
        return require(partition).thenCompose(known -> {
            var beginning = offset(known, OffsetSpec.earliest());
            var end = offset(known, OffsetSpec.latest());
            var last = offset(known, OffsetSpec.maxTimestamp());
            return CompletableFuture.allOf(beginning, end, last)
                    .thenApply(_ -> new PartitionState(
                            beginning.join().offset(),
                            end.join().offset(),
                            Optional.of(last.join())
                                    .filter(found -> found.offset() >= 0)
                                    .map(found -> Instant.ofEpochMilli(found.timestamp()))));
        });
    }

    /** The same as it was a moment ago, for those who ask all the time. */
    public CompletableFuture<PartitionState> recentState(int partition) {
        return recent.compute(
                        partition,
                        (_, known) -> known == null || known.isOld()
                                ? new Recent(state(partition), System.nanoTime())
                                : known)
                .state();
    }

    /**
     * Begins to read; done when it is certain where, so that no event that comes later is missed. Nothing is read before it is
     * asked for. Fails with {@link HubError#NOT_FOUND} when there is no such partition, with {@link HubError#QUOTA_EXCEEDED}
     * when there are as many readers as may be.
     */
    public CompletableFuture<EventReader> read(int partition, EventPosition position, EventSink sink) {
        if (readers.size() >= config.maxReaders()) {
            return CompletableFuture.failedFuture(new HubException(
                    HubError.QUOTA_EXCEEDED, "there are " + readers.size() + " readers, and a gateway has no more"));
        }
        return require(partition).thenCompose(known -> {
            var reader = new EventReader(known, position, consumer(), sink, readers::remove);
            readers.add(reader);
            return reader.start();
        });
    }

    private CompletableFuture<TopicPartition> require(int partition) {
        return partitions().thenApply(count -> {
            if (partition < 0 || partition >= count) {
                throw new HubException(
                        HubError.NOT_FOUND,
                        "The messaging entity of partition '" + partition + "' could not be found; there are 0 to "
                                + (count - 1) + ".");
            }
            return new TopicPartition(Topic.EVENTS.name(), partition);
        });
    }

    private KafkaConsumer<String, byte[]> consumer() {
        return kafka.consumer(
                "freehub-events",
                Map.of(
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "none",
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                        FETCH_BYTES,
                        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                        FETCH_BYTES));
    }

    private CompletableFuture<ListOffsetsResultInfo> offset(TopicPartition partition, OffsetSpec which) {
        return answer(client().listOffsets(Map.of(partition, which)).partitionResult(partition));
    }

    private Admin client() {
        return admin.orElseThrow(() -> new HubException(HubError.SERVICE_UNAVAILABLE, "the gateway has not begun yet"));
    }

    /** Kafka's own patience is a minute. */
    private static <T> CompletableFuture<T> answer(KafkaFuture<T> future) {
        return future.toCompletionStage().toCompletableFuture().orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
