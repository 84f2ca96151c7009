package io.freehub.registry.identity;

import io.freehub.model.Credentials;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.registry.identity.IdentityChange.Decision;
import io.freehub.registry.identity.IdentityChange.Fresh;
import io.freehub.registry.identity.IdentityChange.Outcome;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Reads and changes identities. Each change and the events that tell of it are one transaction. */
@ApplicationScoped
public class Identities {

    private final IdentityStore store;
    private final Database database;
    private final Outbox outbox;
    private final IdentityMetrics metrics;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();

    Identities(IdentityStore store, Database database, Outbox outbox, IdentityMetrics metrics, Clock clock) {
        this.store = store;
        this.database = database;
        this.outbox = outbox;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Fails when there is no such device or module. */
    Uni<RegisteredIdentity> get(IdentityId identity) {
        return database.read(() -> store.withDevice(identity)).map(found -> Optional.ofNullable(found.get(identity))
                .orElseThrow(() -> IdentityChange.notFound(identity, !found.isEmpty())));
    }

    /** The modules of the device. Fails when there is no such device. */
    Uni<List<RegisteredIdentity>> modules(DeviceId device) {
        return database.read(() -> store.family(device)).map(family -> {
            if (family.isEmpty()) {
                throw IdentityChange.notFound(IdentityId.of(device), false);
            }
            return family.stream()
                    .filter(member -> member.identity().id().isModule())
                    .toList();
        });
    }

    Uni<List<Credentials>> credentials(Collection<IdentityId> identities) {
        return database.read(() -> store.credentials(identities));
    }

    Uni<List<RegisteredIdentity>> firstDevices(int count) {
        return database.read(() -> store.firstDevices(count));
    }

    Uni<IdentityStore.Count> countDevices() {
        return database.read(store::countDevices);
    }

    /** How many devices and modules there are. */
    public Uni<Long> count() {
        return database.read(store::count);
    }

    /**
     * Devices and modules in the order of their keys, in which a device comes before its modules.
     *
     * @param key they come after this one; empty for the first
     */
    public Uni<List<Identity>> after(String key, int count) {
        return database.read(() -> store.after(key, count));
    }

    Uni<Outcome> apply(IdentityChange change) {
        return apply(List.of(change)).map(List::getFirst);
    }

    /**
     * Applies changes, each by itself: some may be refused. The outcomes are in the order of the changes, and each change
     * sees what those before it did. Of several changes of one identity the first counts.
     */
    public Uni<List<Outcome>> apply(List<? extends IdentityChange> changes) {
        return changes.isEmpty()
                ? Uni.createFrom().item(List.of())
                : apply(changes, _ -> Uni.createFrom().voidItem());
    }

    /**
     * Applies changes as {@link #apply(List)} does, and in the same transaction what follows from their outcomes: neither
     * is done without the other.
     *
     * @param changes may be none
     * @param following may be called several times
     */
    public Uni<List<Outcome>> apply(
            List<? extends IdentityChange> changes, Function<List<Outcome>, Uni<Void>> following) {
        var devices = changes.stream()
                .map(change -> change.identity().device())
                .distinct()
                .toList();
        return database.write(() -> store.lock(devices)
                        .chain(rows -> write(changes, rows))
                        .call(decisions -> following.apply(outcomes(decisions))))
                .invoke(decisions -> decisions.forEach(decision -> metrics.count(decision.writes())))
                .map(Identities::outcomes);
    }

    private static List<Outcome> outcomes(List<Decision> decisions) {
        return decisions.stream().map(Decision::outcome).toList();
    }

    private Uni<List<Decision>> write(List<? extends IdentityChange> changes, Map<IdentityId, IdentityRow> rows) {
        // PostgreSQL keeps microseconds: what is answered at once equals what is read later.
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var decisions = decide(changes, rows, now);
        var writes = decisions.stream()
                .flatMap(decision -> decision.writes().stream())
                .toList();
        var events = writes.stream()
                .map(written -> OutboxRecord.of(
                        Topic.REGISTRY, written.identity().id().device().value(), written.event(now)))
                .toList();
        return store.write(rows, writes).chain(() -> outbox.add(events)).replaceWith(decisions);
    }

    private List<Decision> decide(
            List<? extends IdentityChange> changes, Map<IdentityId, IdentityRow> rows, Instant now) {
        var families = new HashMap<DeviceId, SortedMap<IdentityId, Identity>>();
        changes.forEach(change -> families.put(change.identity().device(), new TreeMap<>()));
        rows.forEach((id, row) -> families.get(id.device()).put(id, row.identity()));
        var seen = new HashSet<IdentityId>();
        var decisions = new ArrayList<Decision>();
        for (var change : changes) {
            var family = families.get(change.identity().device());
            var decision = seen.add(change.identity())
                    ? change.decide(family, Fresh.make(now, random))
                    : Decision.refused(
                            HubError.DEVICE_DEFINED_MULTIPLE_TIMES,
                            "'" + change.identity() + "' is defined several times.");
            decision.writes().forEach(written -> apply(written, family));
            decisions.add(decision);
        }
        return List.copyOf(decisions);
    }

    private static void apply(Written written, Map<IdentityId, Identity> family) {
        switch (written) {
            case Written.Created(var identity) -> family.put(identity.id(), identity);
            case Written.Replaced(var identity) -> family.put(identity.id(), identity);
            case Written.Deleted(var identity) -> family.remove(identity.id());
        }
    }
}
