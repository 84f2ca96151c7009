package io.freehub.router;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** A router that does not get on is restarted. */
@Liveness
@ApplicationScoped
class RouterAlive implements HealthCheck {

    private final TelemetryRouter router;

    RouterAlive(TelemetryRouter router) {
        this.router = router;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("routing").status(router.isAlive()).build();
    }
}
