package io.freehub.command.feedback;

import io.freehub.command.CommandConfig;
import io.freehub.command.Transactions;
import io.freehub.model.FeedbackDelivery;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/** Batches of feedback: what makes one, and who has it. */
@ApplicationScoped
class Feedback {

    private final Transactions transactions;
    private final CommandConfig.Feedback config;
    private final Clock clock;

    Feedback(Transactions transactions, CommandConfig config, Clock clock) {
        this.transactions = transactions;
        this.config = config.feedback();
        this.clock = clock;
    }

    /** Locks the oldest batch that nobody has, for the caller. */
    Uni<Optional<FeedbackDelivery>> receive() {
        return transactions.ask(connection ->
                FeedbackTable.lock(connection, clock.instant(), config.lock(), config.maxDeliveryCount()));
    }

    /** The caller is done with the batch. Fails with {@link HubError#LOCK_LOST} when it has it no more. */
    Uni<Void> complete(String lockToken) {
        return settled(
                transactions.ask(connection -> FeedbackTable.complete(connection, token(lockToken), clock.instant())));
    }

    /** The caller gives the batch back; fails as {@link #complete}. */
    Uni<Void> abandon(String lockToken) {
        return settled(
                transactions.ask(connection -> FeedbackTable.abandon(connection, token(lockToken), clock.instant())));
    }

    /** Makes a batch if there is enough for one, or it has been long enough. Whether there may be enough for another. */
    boolean close() throws SQLException {
        var now = clock.instant();
        return transactions.run(connection -> FeedbackTable.close(
                        connection, config.batchSize(), now.minus(config.batchAfter()), now.plus(config.timeToLive())))
                == config.batchSize();
    }

    /** Forgets batches that nobody received in time, or completed in many tries. */
    void forget() throws SQLException {
        transactions.run(connection -> FeedbackTable.forget(connection, clock.instant(), config.maxDeliveryCount()));
    }

    private static UUID token(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw lost();
        }
    }

    private static Uni<Void> settled(Uni<Boolean> locked) {
        return locked.invoke(there -> {
                    if (!there) {
                        throw lost();
                    }
                })
                .replaceWithVoid();
    }

    private static HubException lost() {
        return new HubException(HubError.LOCK_LOST, "the lock of the feedback has ended, or never was");
    }
}
