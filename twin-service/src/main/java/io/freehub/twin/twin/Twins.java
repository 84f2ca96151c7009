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
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads and writes twins for back ends. The registry is asked each time: it alone knows who exists and in what state. So a
 * twin is there as soon as its device or module is, whether or not the event of its creation has been read.
 */
@ApplicationScoped
class Twins {

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
            precondition.check(before.etag());
            var now = clock.instant();
            var twin = before.apply(write, now);
            row.take(twin);
            return outbox.add(List.of(OutboxRecord.of(
                            Topic.TWIN_CHANGES, identity.device().value(), change(identity, twin, write, now))))
                    .replaceWith(Optional.of(twin));
        });
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
