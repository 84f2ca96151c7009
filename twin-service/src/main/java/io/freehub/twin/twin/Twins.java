package io.freehub.twin.twin;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.service.http.ETag;
import io.freehub.service.http.Precondition;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.twin.document.Twin;
import io.freehub.twin.document.TwinWrite;
import io.freehub.twin.life.Beginnings;
import io.freehub.twin.registry.RegisteredIdentity;
import io.freehub.twin.registry.Registry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Reads and writes twins for back ends. The registry is asked each time: it alone knows who exists and in what state. So a
 * twin is there as soon as its device or module is, whether or not the event of its creation has been read.
 */
@ApplicationScoped
public class Twins {

    private final Registry registry;
    private final Beginnings beginnings;
    private final TwinStore store;
    private final Database database;
    private final Outbox outbox;
    private final Clock clock;

    Twins(Registry registry, Beginnings beginnings, TwinStore store, Database database, Outbox outbox, Clock clock) {
        this.registry = registry;
        this.beginnings = beginnings;
        this.store = store;
        this.database = database;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** A twin and whose it is. */
    record Found(IdentityId identity, RegisteredIdentity registered, Twin twin, TwinAnswer.Beside beside) {}

    /** Fails when there is no such device or module. */
    Uni<Found> get(IdentityId identity) {
        return registered(identity).chain(registered -> present(
                        identity,
                        registered,
                        () -> database.read(() ->
                                store.find(identity, registered.generation()).map(row -> row.map(TwinRow::twin))))
                .chain(twin -> found(identity, registered, twin)));
    }

    /** Fails when there is no such device or module, or the precondition does not hold. */
    Uni<Found> write(IdentityId identity, Precondition precondition, TwinWrite write) {
        return registered(identity).chain(registered -> present(
                        identity,
                        registered,
                        () -> database.write(() -> write(identity, registered.generation(), precondition, write)))
                .chain(twin -> found(identity, registered, twin)));
    }

    private Uni<Found> found(IdentityId identity, RegisteredIdentity registered, Twin twin) {
        return database.read(() -> store.beside(identity, registered.generation()))
                .map(beside -> new Found(identity, registered, twin, beside));
    }

    private Uni<Optional<Twin>> write(
            IdentityId identity, long generation, Precondition precondition, TwinWrite write) {
        return store.lock(identity, generation).chain(locked -> {
            if (locked.isEmpty()) {
                return Uni.createFrom().item(Optional.empty());
            }
            var row = locked.get();
            var before = row.twin();
            precondition.check(new ETag(before.etag()));
            var change = Change.of(row, before, write, clock.instant());
            return take(List.of(change)).replaceWith(Optional.of(change.write().twin()));
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
     * Writes twins of what the registry says exists, all of them or none.
     *
     * @param write what becomes of each
     */
    public Uni<Void> writeTogether(
            Map<IdentityId, RegisteredIdentity> registered, BiFunction<IdentityId, Twin, TwinWrite> write) {
        return writePresent(registered, write)
                .chain(missing -> missing.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : begin(missing, registered)
                                .chain(() -> writePresent(registered, write))
                                .invoke(still -> still.stream().findFirst().ifPresent(identity -> {
                                    throw notFound(identity);
                                }))
                                .replaceWithVoid());
    }

    private Uni<Void> begin(Collection<IdentityId> identities, Map<IdentityId, RegisteredIdentity> registered) {
        return Multi.createFrom()
                .iterable(identities)
                .onItem()
                .transformToUniAndConcatenate(identity ->
                        beginnings.begin(identity, registered.get(identity).generation()))
                .collect()
                .last()
                .replaceWithVoid();
    }

    /** Those that have no twin yet; when there are some, none was written. */
    private Uni<Set<IdentityId>> writePresent(
            Map<IdentityId, RegisteredIdentity> registered, BiFunction<IdentityId, Twin, TwinWrite> write) {
        return database.write(() -> store.lockAll(registered.keySet()).chain(rows -> {
            Set<IdentityId> missing = new TreeSet<>(registered.keySet());
            rows.stream()
                    .filter(row ->
                            row.generation == registered.get(row.identity()).generation())
                    .forEach(row -> missing.remove(row.identity()));
            if (!missing.isEmpty()) {
                return Uni.createFrom().item(missing);
            }
            var now = clock.instant();
            return take(rows.stream()
                            .map(row -> {
                                var twin = row.twin();
                                return Change.of(row, twin, write.apply(row.identity(), twin), now);
                            })
                            .toList())
                    .replaceWith(missing);
        }));
    }

    /** @param row locked */
    private record Change(TwinRow row, BackEndWrite write) {

        static Change of(TwinRow row, Twin before, TwinWrite write, Instant at) {
            return new Change(row, BackEndWrite.of(row.identity(), before, row.watcher(), write, at));
        }
    }

    private Uni<Void> take(List<Change> changes) {
        changes.forEach(change -> change.row().take(change.write().twin()));
        return outbox.add(changes.stream()
                .flatMap(change -> change.write().records().stream())
                .toList());
    }

    private Uni<RegisteredIdentity> registered(IdentityId identity) {
        return registry.find(identity).map(found -> found.orElseThrow(() -> notFound(identity)));
    }

    /** Does the work; where it finds no twin, once more with a new one. */
    private Uni<Twin> present(IdentityId identity, RegisteredIdentity registered, Supplier<Uni<Optional<Twin>>> work) {
        return work.get()
                .chain(found -> found.isPresent()
                        ? Uni.createFrom().item(found.get())
                        : beginnings
                                .begin(identity, registered.generation())
                                .chain(_ -> work.get())
                                .map(twin -> twin.orElseThrow(() -> notFound(identity))));
    }

    /** IoT Hub says so of modules too. */
    private static HubException notFound(IdentityId identity) {
        return new HubException(
                HubError.DEVICE_NOT_FOUND,
                "there is no " + (identity.isModule() ? "module" : "device") + " '" + identity + "'");
    }
}
