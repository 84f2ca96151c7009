package io.freehub.twin.twin;

import io.freehub.model.IdentityId;
import io.freehub.twin.document.JsonText;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Twins in the database. */
@ApplicationScoped
class TwinStore implements PanacheRepositoryBase<TwinRow, String> {

    private static final String BESIDE = """
            select coalesce((select c.model_id from connection c where c.id = :id and c.generation = :generation), ''),
                   (select cast(json_object_agg(n.configuration, json_build_object('status', n.status)) as text)
                    from twin_configuration n where n.id = :id)
            """;

    /** The twin of this life of the identity. */
    Uni<Optional<TwinRow>> find(IdentityId identity, long generation) {
        return findById(identity.toString()).map(row -> ofGeneration(row, generation));
    }

    /** The same, locked until the transaction ends. */
    Uni<Optional<TwinRow>> lock(IdentityId identity, long generation) {
        return findById(identity.toString(), LockModeType.PESSIMISTIC_WRITE).map(row -> ofGeneration(row, generation));
    }

    /** Those of these twins that are there, in the order of ids, locked in that order until the transaction ends. */
    Uni<List<TwinRow>> lockAll(Collection<IdentityId> identities) {
        return find(
                        "id in ?1",
                        Sort.by("id"),
                        identities.stream().map(IdentityId::toString).toList())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /** What the database knows beside the twin. */
    Uni<TwinAnswer.Beside> beside(IdentityId identity, long generation) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(BESIDE, Object[].class)
                        .setParameter("id", identity.toString())
                        .setParameter("generation", generation)
                        .getSingleResult())
                .map(row -> new TwinAnswer.Beside(
                        (String) row[0], Optional.ofNullable((String) row[1]).map(JsonText::readObject)));
    }

    private static Optional<TwinRow> ofGeneration(TwinRow row, long generation) {
        return Optional.ofNullable(row).filter(found -> found.generation == generation);
    }
}
