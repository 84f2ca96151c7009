package io.freehub.command.feedback;

import io.freehub.command.CommandConfig;
import io.freehub.store.Worker;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;

/** Makes batches of feedback as they become due. */
@ApplicationScoped
class FeedbackWorker {

    private final Feedback feedback;
    private final Duration poll;
    private final Worker worker = new Worker("feedback", this::work);

    FeedbackWorker(Feedback feedback, CommandConfig config) {
        this.feedback = feedback;
        this.poll = config.feedback().pollInterval();
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
        if (feedback.close()) {
            return Duration.ZERO;
        }
        feedback.forget();
        return poll;
    }
}
