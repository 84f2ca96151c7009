package io.freehub.twin.life;

import io.freehub.model.IdentityId;
import io.freehub.store.Database;
import io.freehub.twin.registry.Registry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** Begins lives whose event has not been read yet. */
@ApplicationScoped
public class Beginnings {

    private final Registry registry;
    private final TwinLife lives;
    private final Database database;

    Beginnings(Registry registry, TwinLife lives, Database database) {
        this.registry = registry;
        this.lives = lives;
        this.database = database;
    }

    /**
     * Begins a life that the registry has told of. Asking it again makes sure that the life did not end before its twin was
     * there: the event of an end that comes later is read later, and takes the twin with it. Fails, and leaves no twin
     * behind, when the registry cannot say.
     */
    public Uni<Void> begin(IdentityId identity, long generation) {
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
}
