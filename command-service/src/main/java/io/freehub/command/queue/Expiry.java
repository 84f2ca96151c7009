package io.freehub.command.queue;

import io.freehub.command.CommandConfig;
import io.freehub.command.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Clock;

/** Looks after queues in which time alone changes something: a message expires, or a lock ends. */
@ApplicationScoped
class Expiry {

    private final Transactions transactions;
    private final Dispatch dispatch;
    private final CommandConfig.Messages config;
    private final Clock clock;

    Expiry(Transactions transactions, Dispatch dispatch, CommandConfig config, Clock clock) {
        this.transactions = transactions;
        this.dispatch = dispatch;
        this.config = config.messages();
        this.clock = clock;
    }

    /** Brings some queues in order. Whether there was one: then there may be more. */
    boolean run() throws SQLException {
        return transactions.run(connection -> {
            var due = QueueTable.lockDue(connection, clock.instant(), config.batchSize());
            dispatch.run(connection, due);
            return !due.isEmpty();
        });
    }
}
