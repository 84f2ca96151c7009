package io.freehub.registry.policy;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Policies in the database, which is where they are at home. */
@ApplicationScoped
class PolicyStore {

    /** The table. */
    @ApplicationScoped
    static class Rows implements PanacheRepositoryBase<PolicyRow, String> {}

    private final Rows rows;

    PolicyStore(Rows rows) {
        this.rows = rows;
    }

    /** All, in the order of their names. */
    Uni<List<StoredPolicy>> all() {
        return rows.listAll(Sort.by("name"))
                .map(found -> found.stream().map(PolicyRow::stored).toList());
    }

    Uni<Void> add(List<StoredPolicy> policies) {
        return rows.persist(policies.stream().map(PolicyRow::of)).chain(rows::flush);
    }

    Uni<Void> replace(StoredPolicy policy) {
        return rows.findById(policy.policy().name())
                .invoke(row -> row.take(policy))
                .chain(rows::flush);
    }

    Uni<Void> delete(String name) {
        return rows.deleteById(name).replaceWithVoid();
    }
}
