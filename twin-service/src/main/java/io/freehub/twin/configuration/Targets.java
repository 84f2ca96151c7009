package io.freehub.twin.configuration;

import io.freehub.model.IdentityId;
import io.freehub.query.Target;
import io.freehub.store.Database;
import io.freehub.twin.search.TwinSearch;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Finds the twins that a configuration is for. */
@ApplicationScoped
class Targets {

    private final ConfigurationStore store;
    private final Database database;
    private final TwinSearch search;

    Targets(ConfigurationStore store, Database database, TwinSearch search) {
        this.store = store;
        this.database = database;
        this.search = search;
    }

    /** The next ones after a given one, in the order of the search; none when the configuration is gone. */
    List<IdentityId> find(String configuration, Optional<IdentityId> after, int atMost) {
        return Waiting.forIt(
                () -> database.read(() -> store.find(configuration)).chain(found -> found.map(Configuration::target)
                        .map(TargetCondition::target)
                        .map(target -> find(target, after, atMost))
                        .orElseGet(() -> Uni.createFrom().item(List.of()))));
    }

    private Uni<List<IdentityId>> find(Target target, Optional<IdentityId> after, int atMost) {
        return switch (target) {
            case Target.Nothing() -> Uni.createFrom().item(List.of());
            case Target.Twins(var source, var where) -> search.find(source, where, after, atMost);
        };
    }
}
