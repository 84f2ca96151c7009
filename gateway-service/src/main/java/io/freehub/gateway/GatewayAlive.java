package io.freehub.gateway;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** A gateway that no longer hears of disabled devices and of newer sessions is restarted. */
@Liveness
@ApplicationScoped
class GatewayAlive implements HealthCheck {

    private final GatewayLifecycle lifecycle;

    GatewayAlive(GatewayLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("logs").status(lifecycle.isAlive()).build();
    }
}
