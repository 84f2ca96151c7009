package io.freehub.command.queue;

import io.freehub.command.CommandConfig;
import io.freehub.store.Worker;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;

/** Looks after queues now and then. */
@ApplicationScoped
class ExpiryWorker {

    private final Expiry expiry;
    private final Duration poll;
    private final Worker worker = new Worker("message-expiry", this::work);

    ExpiryWorker(Expiry expiry, CommandConfig config) {
        this.expiry = expiry;
        this.poll = config.messages().pollInterval();
    }

    void start(@Observes StartupEvent event) {
        worker.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        worker.stop();
    }

    boolean isAlive() {
        return worker.isAlive();
    }

    private Duration work() throws SQLException {
        return expiry.run() ? Duration.ZERO : poll;
    }
}
