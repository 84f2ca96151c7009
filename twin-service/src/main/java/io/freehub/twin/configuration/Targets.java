package io.freehub.twin.configuration;

import io.freehub.model.IdentityId;
import io.freehub.query.Target;
import io.freehub.store.Waiting;
import io.freehub.twin.search.TwinSearch;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Finds the twins that a configuration is for. */
@ApplicationScoped
class Targets {

    private final TwinSearch search;

    Targets(TwinSearch search) {
        this.search = search;
    }

    /** The next ones after a given one, in the order of the search. */
    List<IdentityId> find(Configuration configuration, Optional<IdentityId> after, int atMost) {
        return switch (configuration.target().target().orElseGet(Target.Nothing::new)) {
            case Target.Nothing() -> List.of();
            case Target.Twins(var source, var where) -> Waiting.forIt(() -> search.find(source, where, after, atMost));
        };
    }
}
