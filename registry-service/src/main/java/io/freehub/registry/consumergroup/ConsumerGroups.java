package io.freehub.registry.consumergroup;

import io.freehub.model.ConsumerGroup;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Topic;
import io.freehub.registry.RegistryConfig;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.freehub.store.TopicMender;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads, makes and removes consumer groups; a change and the record that tells gateways of it are one transaction. */
@ApplicationScoped
class ConsumerGroups {

    /** As many as an event hub has. Source: Event Hubs, "quotas and limits". */
    private static final int MOST = 20;

    /** Any number that no other advisory lock of the database has. */
    private static final long LOCK = 0x67726f757073L;

    /** The table. */
    @ApplicationScoped
    static class Rows implements PanacheRepositoryBase<ConsumerGroupRow, String> {}

    private final Rows rows;
    private final Database database;
    private final Outbox outbox;
    private final TopicMender mender;
    private final RegistryConfig config;
    private final Clock clock;

    ConsumerGroups(
            Rows rows, Database database, Outbox outbox, TopicMender mender, RegistryConfig config, Clock clock) {
        this.rows = rows;
        this.database = database;
        this.outbox = outbox;
        this.mender = mender;
        this.config = config;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        mender.mend(Topic.CONSUMER_GROUPS, LOCK, this::byKey, config.topicStartup());
    }

    /** All, in the order of their names. */
    Uni<List<ConsumerGroup>> all() {
        return database.read(this::list);
    }

    /** Fails with {@link HubError#NOT_FOUND} when there is none. */
    Uni<ConsumerGroup> get(String name) {
        return database.read(() -> rows.findById(ConsumerGroup.key(name)))
                .onItem()
                .ifNull()
                .failWith(() -> unknown(name))
                .map(ConsumerGroupRow::group);
    }

    /** What came of making one that may be there already. */
    record Put(ConsumerGroup group, boolean isNew) {}

    /** Makes one, unless it is there. */
    Uni<Put> put(String name) {
        var group = new ConsumerGroup(name, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        return database.writeAlone(LOCK, () -> list().chain(groups -> groups.stream()
                .filter(other -> ConsumerGroup.key(other.name()).equals(ConsumerGroup.key(name)))
                .findFirst()
                .map(there -> Uni.createFrom().item(new Put(there, false)))
                .orElseGet(() -> add(groups, group))));
    }

    private Uni<Put> add(List<ConsumerGroup> groups, ConsumerGroup group) {
        if (groups.size() >= MOST) {
            throw new HubException(
                    HubError.QUOTA_EXCEEDED,
                    "there are " + MOST + " consumer groups, '" + ConsumerGroup.DEFAULT + "' among them, and a hub has"
                            + " no more");
        }
        return rows.persistAndFlush(ConsumerGroupRow.of(group))
                .chain(() -> outbox.add(
                        List.of(OutboxRecord.of(Topic.CONSUMER_GROUPS, ConsumerGroup.key(group.name()), group))))
                .replaceWith(new Put(group, true));
    }

    /** Fails with {@link HubError#NOT_FOUND} when there is none, with {@link HubError#OPERATION_NOT_ALLOWED} for the default. */
    Uni<Void> delete(String name) {
        if (ConsumerGroup.isDefault(name)) {
            return Uni.createFrom()
                    .failure(new HubException(
                            HubError.OPERATION_NOT_ALLOWED,
                            "'" + ConsumerGroup.DEFAULT + "' is always there and cannot be deleted"));
        }
        var key = ConsumerGroup.key(name);
        return database.writeAlone(LOCK, () -> rows.deleteById(key).chain(deleted -> {
            if (!deleted) {
                throw unknown(name);
            }
            return outbox.add(List.of(OutboxRecord.gone(Topic.CONSUMER_GROUPS, key)));
        }));
    }

    private Uni<List<ConsumerGroup>> list() {
        return rows.listAll(Sort.by("key"))
                .map(found -> found.stream().map(ConsumerGroupRow::group).toList());
    }

    private Uni<Map<String, ConsumerGroup>> byKey() {
        return list().map(groups ->
                groups.stream().collect(Collectors.toMap(group -> ConsumerGroup.key(group.name()), group -> group)));
    }

    private static HubException unknown(String name) {
        return new HubException(HubError.NOT_FOUND, "there is no consumer group '" + name + "'");
    }
}
