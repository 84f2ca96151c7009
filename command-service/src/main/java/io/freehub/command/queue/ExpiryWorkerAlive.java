package io.freehub.command.queue;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread messages would wait for ever. */
@Liveness
@ApplicationScoped
class ExpiryWorkerAlive implements HealthCheck {

    private final ExpiryWorker worker;

    ExpiryWorkerAlive(ExpiryWorker worker) {
        this.worker = worker;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("message-expiry")
                .status(worker.isAlive())
                .build();
    }
}
