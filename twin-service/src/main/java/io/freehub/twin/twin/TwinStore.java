package io.freehub.twin.twin;

import io.freehub.model.IdentityId;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.Optional;

/** Twins in the database. */
@ApplicationScoped
class TwinStore implements PanacheRepositoryBase<TwinRow, String> {

    /** The twin of this life of the identity. */
    Uni<Optional<TwinRow>> find(IdentityId identity, long generation) {
        return findById(identity.toString()).map(row -> ofGeneration(row, generation));
    }

    /** The same, locked until the transaction ends. */
    Uni<Optional<TwinRow>> lock(IdentityId identity, long generation) {
        return findById(identity.toString(), LockModeType.PESSIMISTIC_WRITE).map(row -> ofGeneration(row, generation));
    }

    private static Optional<TwinRow> ofGeneration(TwinRow row, long generation) {
        return Optional.ofNullable(row).filter(found -> found.generation == generation);
    }
}
