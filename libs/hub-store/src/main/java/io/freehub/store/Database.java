package io.freehub.store;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;

/**
 * The way into the database for what answers requests. Work that lost a race against another transaction is done again,
 * so it sees what the other one wrote; a database that is away reads as {@link HubError#SERVICE_UNAVAILABLE}.
 */
@ApplicationScoped
public class Database {

    private static final int TRIES = 5;

    private final OutboxRelay relay;

    Database(OutboxRelay relay) {
        this.relay = relay;
    }

    /** Runs work that only reads. */
    public <T> Uni<T> read(Supplier<Uni<T>> work) {
        return failing(Panache.withSession(work));
    }

    /**
     * Runs work in one transaction. What it put into the {@link Outbox} is on its way to Kafka when this has its result.
     *
     * @param work may run several times
     */
    public <T> Uni<T> write(Supplier<Uni<T>> work) {
        return Panache.withTransaction(work)
                .onFailure(failure -> DatabaseFailure.of(failure) == DatabaseFailure.CONFLICT)
                .retry()
                .atMost(TRIES)
                .onFailure(failure -> DatabaseFailure.of(failure) != DatabaseFailure.OTHER)
                .transform(Database::unavailable)
                .invoke(relay::kick);
    }

    /**
     * As {@link #write}, one at a time of all work with the same lock, over all replicas.
     *
     * @param lock any number that no other lock of the database has
     */
    public <T> Uni<T> writeAlone(long lock, Supplier<Uni<T>> work) {
        return write(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery("select 1 from pg_advisory_xact_lock(:lock)", Integer.class)
                        .setParameter("lock", lock)
                        .getSingleResult())
                .chain(_ -> work.get()));
    }

    /** Work past Hibernate, on connections of its own: a database that is away reads as in {@link #read}. */
    public static <T> Uni<T> failing(Uni<T> work) {
        return work.onFailure(Database::isUnavailable).transform(Database::unavailable);
    }

    /** Whether the database has refused work for what it is: done again it would be refused again. */
    public static boolean isRefusal(Throwable failure) {
        return DatabaseFailure.isRefusal(failure);
    }

    private static boolean isUnavailable(Throwable failure) {
        return DatabaseFailure.of(failure) == DatabaseFailure.UNAVAILABLE;
    }

    private static HubException unavailable(Throwable failure) {
        return new HubException(
                HubError.SERVICE_UNAVAILABLE, "the hub cannot reach its database, try again in a moment", failure);
    }
}
