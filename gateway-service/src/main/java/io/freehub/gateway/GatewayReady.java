package io.freehub.gateway;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Tells the load balancer whether devices should be sent here. */
@Readiness
@ApplicationScoped
class GatewayReady implements HealthCheck {

    private final GatewayLifecycle lifecycle;

    GatewayReady(GatewayLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("doors").status(lifecycle.isReady()).build();
    }
}
