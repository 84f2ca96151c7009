package io.freehub.twin.job;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread the service would keep jobs waiting for ever. */
@Liveness
@ApplicationScoped
class JobWorkerAlive implements HealthCheck {

    private final JobWorker worker;

    JobWorkerAlive(JobWorker worker) {
        this.worker = worker;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("scheduled-jobs")
                .status(worker.isAlive())
                .build();
    }
}
