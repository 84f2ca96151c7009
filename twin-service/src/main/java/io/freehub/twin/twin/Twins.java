package io.freehub.twin.twin;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Twin;
import io.freehub.twin.document.TwinWrite;
import io.freehub.twin.life.TwinLife;
import io.freehub.twin.registry.RegisteredIdentity;
import io.freehub.twin.registry.Registry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Reads and writes twins for back ends. The registry is asked each time: it alone knows who exists and in what state. So a
 * twin is there as soon as its device or module is, whether or not the event of its creation has been read.
 */
@ApplicationScoped
public class Twins {

    private final Registry registry;
    private final TwinLife lives;
    private final TwinStore store;
    private final Database database;
    private final Outbox outbox;
    private final Clock clock;

    Twins(Registry registry, TwinLife lives, TwinStore store, Database database, Outbox outbox, Clock clock) {
        this.registry = registry;
        this.lives = lives;
        this.store = store;
        this.database = database;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** A twin and whose it is. */
    record Found(IdentityId identity, RegisteredIdentity registered, Twin twin) {}

    /** Fails when there is no such device or module. */
    Uni<Found> get(IdentityId identity) {
        return registered(identity).chain(registered -> present(
                        identity,
                        registered,
                        () -> database.read(() ->
                                store.find(identity, registered.generation()).map(row -> row.map(TwinRow::twin))))
                .map(twin -> new Found(identity, registered, twin)));
    }

    /** Fails when there is no such device or module, or the precondition does not hold. */
    Uni<Found> write(IdentityId identity, Precondition precondition, TwinWrite write) {
        return registered(identity).chain(registered -> present(
                        identity,
                        registered,
                        () -> database.write(() -> write(identity, registered.generation(), precondition, write)))
                .map(twin -> new Found(identity, registered, twin)));
    }

    private Uni<Optional<Twin>> write(
            IdentityId identity, long generation, Precondition precondition, TwinWrite write) {
        return store.lock(identity, generation).chain(locked -> {
            if (locked.isEmpty()) {
                return Uni.createFrom().item(Optional.empty());
            }
            var row = locked.get();
            var before = row.twin();
            precondition.check(before.etag());
            var change = Change.of(row, before, write, clock.instant());
            return take(List.of(change)).replaceWith(Optional.of(change.twin()));
        });
    }

    /**
     * Writes many twins in the current transaction of {@link Database#write}, those that are there, whoever the registry
     * says exists. Each stands for itself.
     *
     * @return those that were not written, and why: there is none, or it would become too large
     */
    public Uni<Map<IdentityId, HubException>> writeAll(Collection<IdentityId> identities, TwinWrite write) {
        return store.lockAll(identities).chain(rows -> {
            var now = clock.instant();
            var missing = new TreeSet<>(identities);
            var refused = new TreeMap<IdentityId, HubException>();
            var changes = new ArrayList<Change>();
            for (var row : rows) {
                missing.remove(row.identity());
                try {
                    changes.add(Change.of(row, row.twin(), write, now));
                } catch (HubException e) {
                    refused.put(row.identity(), e);
                }
            }
            missing.forEach(identity -> refused.put(identity, notFound(identity)));
            return take(changes).replaceWith(refused);
        });
    }

    /**
     * A write of a back end.
     *
     * @param row locked
     * @param twin what it becomes
     */
    private record Change(TwinRow row, TwinWrite write, Twin twin, Instant at) {

        static Change of(TwinRow row, Twin before, TwinWrite write, Instant at) {
            return new Change(row, write, before.apply(write, at), at);
        }

        OutboxRecord event() {
            var identity = row.identity();
            return OutboxRecord.of(Topic.TWIN_CHANGES, identity.device().value(), change(identity, twin, write, at));
        }
    }

    /** The one way of every write of a back end: the rows, and who is told of them. */
    private Uni<Void> take(List<Change> changes) {
        changes.forEach(change -> change.row().take(change.twin()));
        return outbox.add(changes.stream().map(Change::event).toList());
    }

    private static TwinChange change(IdentityId identity, Twin twin, TwinWrite write, Instant now) {
        var changes = twin.changes(write);
        return switch (write) {
            case TwinWrite.Patch _ -> new TwinChange.Updated(identity, twin.version(), JsonText.write(changes), now);
            case TwinWrite.Replacement _ ->
                new TwinChange.Replaced(
                        identity, twin.version(), JsonText.write(TwinAnswer.named(identity, changes)), now);
        };
    }

    private Uni<RegisteredIdentity> registered(IdentityId identity) {
        return registry.find(identity).map(found -> found.orElseThrow(() -> notFound(identity)));
    }

    /** Does the work; where it finds no twin, once more with a new one. */
    private Uni<Twin> present(IdentityId identity, RegisteredIdentity registered, Supplier<Uni<Optional<Twin>>> work) {
        return work.get()
                .chain(found -> found.isPresent()
                        ? Uni.createFrom().item(found.get())
                        : begin(identity, registered.generation())
                                .chain(_ -> work.get())
                                .map(twin -> twin.orElseThrow(() -> notFound(identity))));
    }

    /**
     * Begins a life that the registry knows of. Asking it again makes sure that the life did not end before its twin was
     * there: the event of an end that comes later is read later, and takes the twin with it.
     */
    private Uni<Void> begin(IdentityId identity, long generation) {
        return database.write(() -> lives.begin(identity, generation))
                .chain(begun -> begun
                        ? makeSure(identity, generation)
                        : Uni.createFrom().voidItem());
    }

    private Uni<Void> makeSure(IdentityId identity, long generation) {
        return registry.find(identity)
                .onFailure()
                .call(() -> database.write(() -> lives.retract(identity, generation)))
                .map(found -> found.filter(registered -> registered.generation() == generation))
                .chain(alive -> alive.isPresent()
                        ? Uni.createFrom().voidItem()
                        : database.write(() -> lives.end(identity, generation)).replaceWithVoid());
    }

    /** IoT Hub says so of modules too. */
    private static HubException notFound(IdentityId identity) {
        return new HubException(
                HubError.DEVICE_NOT_FOUND,
                "there is no " + (identity.isModule() ? "module" : "device") + " '" + identity + "'");
    }
}
