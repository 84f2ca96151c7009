package io.freehub.registry.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Topic;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.policy.PolicyChange.Fresh;
import io.freehub.registry.policy.PolicyChange.Outcome;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.freehub.store.TopicMender;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Reads and changes policies, one change at a time, since each looks at all of them. A change and the record that tells
 * every service of it are one transaction. A new hub gets its policies here.
 */
@ApplicationScoped
class Policies {

    /** Any number that no other advisory lock of the database has. */
    static final long LOCK = 0x706f6c696379L;

    private final PolicyStore store;
    private final Database database;
    private final Outbox outbox;
    private final TopicMender mender;
    private final RegistryConfig config;
    private final RandomGenerator random = new SecureRandom();

    Policies(PolicyStore store, Database database, Outbox outbox, TopicMender mender, RegistryConfig config) {
        this.store = store;
        this.database = database;
        this.outbox = outbox;
        this.mender = mender;
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        mender.mend(Topic.POLICIES, LOCK, this::ofTheHub, config.topicStartup());
    }

    /** Those that clients may see, in the order of their names. */
    Uni<List<StoredPolicy>> all() {
        return database.read(store::all)
                .map(policies -> List.copyOf(seenByClients(policies).values()));
    }

    /** The policy of this name, if clients may see it. */
    Uni<Optional<StoredPolicy>> get(String name) {
        return database.read(store::all)
                .map(policies -> Optional.ofNullable(seenByClients(policies).get(name)));
    }

    /** @throws io.freehub.model.HubException in the result, when the change is refused */
    Uni<Outcome> apply(PolicyChange change) {
        return database.writeAlone(LOCK, () -> store.all()
                .map(policies -> change.decide(seenByClients(policies), Fresh.make(random)))
                .call(this::write));
    }

    private static SequencedMap<String, StoredPolicy> seenByClients(List<StoredPolicy> policies) {
        var seen = new LinkedHashMap<String, StoredPolicy>();
        policies.stream()
                .filter(stored -> !AccessPolicy.isHubsOwn(stored.policy().name()))
                .forEach(stored -> seen.put(stored.policy().name(), stored));
        return seen;
    }

    private Uni<Void> write(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Created(var policy) -> store.add(List.of(policy)).chain(() -> tell(policy.policy()));
            case Outcome.Replaced(var policy) -> store.replace(policy).chain(() -> tell(policy.policy()));
            case Outcome.Deleted(var name) ->
                store.delete(name).chain(() -> outbox.add(List.of(OutboxRecord.gone(Topic.POLICIES, name))));
        };
    }

    private Uni<Void> tell(AccessPolicy policy) {
        return outbox.add(List.of(OutboxRecord.of(Topic.POLICIES, policy.name(), policy)));
    }

    /** All there are, by name; those of a new hub are made first. In a transaction. */
    Uni<Map<String, AccessPolicy>> ofTheHub() {
        return store.all()
                .chain(found ->
                        found.isEmpty() ? makeDefaults() : Uni.createFrom().item(found))
                .map(policies -> policies.stream()
                        .map(StoredPolicy::policy)
                        .collect(Collectors.toMap(AccessPolicy::name, Function.identity())));
    }

    private Uni<List<StoredPolicy>> makeDefaults() {
        var defaults = DefaultPolicies.make().stream()
                .map(policy -> new StoredPolicy(policy, Fresh.make(random).version()))
                .toList();
        return store.add(defaults).replaceWith(defaults);
    }
}
