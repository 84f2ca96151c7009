package io.freehub.command;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.store.Database;
import io.freehub.store.OutboxRelay;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.unchecked.Unchecked;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Transactions on connections of their own. What requests want and what events bring is the same work on the same rows, so
 * both are done alike: on threads that may wait, a limited number of which serve requests.
 */
@ApplicationScoped
public class Transactions {

    private final AgroalDataSource dataSource;
    private final OutboxRelay relay;
    private final ThreadPoolExecutor forRequests;

    Transactions(AgroalDataSource dataSource, OutboxRelay relay, CommandConfig config) {
        this.dataSource = dataSource;
        this.relay = relay;
        int threads = config.transactions().concurrency();
        this.forRequests = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(config.transactions().waiting()),
                Thread.ofPlatform().daemon().name("request-", 0).factory());
    }

    void stop(@Observes ShutdownEvent event) {
        forRequests.shutdown();
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Commits what the work has done, unless it fails. What it put into the outbox is on its way then. */
    public <T> T run(Work<T> work) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var result = work.run(connection);
                connection.commit();
                relay.kick();
                return result;
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
    }

    /**
     * As {@link #run}, for a request. Fails with {@link HubError#THROTTLED} when too many wait, and with {@link
     * HubError#SERVICE_UNAVAILABLE} when the database is away.
     */
    public <T> Uni<T> ask(Work<T> work) {
        var uni = Uni.createFrom()
                .item(Unchecked.supplier(() -> run(work)))
                .runSubscriptionOn(forRequests)
                .onFailure(RejectedExecutionException.class)
                .transform(_ -> new HubException(
                        HubError.THROTTLED, "too many requests wait for the hub, try again in a moment"))
                .onFailure(Transactions::isUnavailable)
                .transform(failure -> new HubException(
                        HubError.SERVICE_UNAVAILABLE,
                        "the hub cannot reach its database, try again in a moment",
                        failure));
        // Back to where the request is: its log context is there.
        return Optional.ofNullable(Vertx.currentContext())
                .map(context -> uni.emitOn(command -> context.runOnContext(_ -> command.run())))
                .orElse(uni);
    }

    private static boolean isUnavailable(Throwable failure) {
        return failure.getCause() instanceof SQLException && !Database.isRefusal(failure);
    }
}
