package io.freehub.registry.identity;

import io.freehub.model.Credentials;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import io.freehub.model.Topic;
import io.freehub.registry.identity.IdentityChange.Fresh;
import io.freehub.registry.identity.IdentityChange.Outcome;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Reads and changes identities. Each change and the event that tells of it are one transaction. */
@ApplicationScoped
public class Identities {

    private final IdentityStore store;
    private final Database database;
    private final Outbox outbox;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();

    Identities(IdentityStore store, Database database, Outbox outbox, Clock clock) {
        this.store = store;
        this.database = database;
        this.outbox = outbox;
        this.clock = clock;
    }

    Uni<Optional<RegisteredDevice>> get(DeviceId device) {
        return database.read(() -> store.get(device));
    }

    Uni<List<Credentials>> credentials(List<IdentityId> identities) {
        return database.read(() -> store.credentials(identities));
    }

    Uni<List<RegisteredDevice>> first(int count) {
        return database.read(() -> store.first(count));
    }

    Uni<IdentityStore.Count> count() {
        return database.read(store::countByStatus);
    }

    Uni<Outcome> apply(IdentityChange change) {
        return apply(List.of(change)).map(List::getFirst);
    }

    /**
     * Applies changes, each by itself: some may be refused. The outcomes are in the order of the changes. Of several
     * changes of one device the first counts.
     */
    public Uni<List<Outcome>> apply(List<IdentityChange> changes) {
        if (changes.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return database.write(() -> store.lock(
                        changes.stream().map(IdentityChange::device).distinct().toList())
                .chain(rows -> write(changes, rows)));
    }

    private Uni<List<Outcome>> write(List<IdentityChange> changes, Map<String, DeviceRow> rows) {
        // PostgreSQL keeps microseconds: what is answered at once equals what is read later.
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var outcomes = new ArrayList<Outcome>();
        var seen = new HashSet<DeviceId>();
        for (var change : changes) {
            outcomes.add(
                    seen.add(change.device())
                            ? change.decide(
                                    Optional.ofNullable(rows.get(change.device().value()))
                                            .map(DeviceRow::device),
                                    Fresh.make(now, random))
                            : new Outcome.Refused(
                                    HubError.DEVICE_DEFINED_MULTIPLE_TIMES,
                                    "The device '" + change.device() + "' is defined several times."));
        }
        var created = new ArrayList<DeviceRow>();
        var removed = new ArrayList<String>();
        var events = new ArrayList<OutboxRecord>();
        for (var outcome : outcomes) {
            switch (outcome) {
                case Outcome.Created(var device, var event) -> {
                    created.add(DeviceRow.of(device));
                    events.add(record(event));
                }
                case Outcome.Replaced(var device, var event) -> {
                    rows.get(device.identity().id().value()).take(device);
                    events.add(record(event));
                }
                case Outcome.Deleted(var event) -> {
                    removed.add(event.identity().device().value());
                    events.add(record(event));
                }
                case Outcome.Refused _ -> {}
            }
        }
        created.sort((one, other) -> one.deviceId.compareTo(other.deviceId));
        return store.write(created, removed).chain(() -> outbox.add(events)).replaceWith(List.copyOf(outcomes));
    }

    private static OutboxRecord record(RegistryEvent event) {
        return OutboxRecord.of(Topic.REGISTRY, event.identity().device().value(), event);
    }
}
