package io.freehub.router;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** A router is ready when it has its share of the messages, be it none. */
@Readiness
@ApplicationScoped
class RouterReady implements HealthCheck {

    private final TelemetryRouter router;

    RouterReady(TelemetryRouter router) {
        this.router = router;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("share of the messages")
                .status(router.isJoined() && router.isAlive())
                .build();
    }
}
