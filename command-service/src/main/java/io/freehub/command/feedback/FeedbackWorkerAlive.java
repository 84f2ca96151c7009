package io.freehub.command.feedback;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread no back end would get feedback. */
@Liveness
@ApplicationScoped
class FeedbackWorkerAlive implements HealthCheck {

    private final FeedbackWorker worker;

    FeedbackWorkerAlive(FeedbackWorker worker) {
        this.worker = worker;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("feedback").status(worker.isAlive()).build();
    }
}
