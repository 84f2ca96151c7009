package io.freehub.twin.life;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread twins would outlive their devices. */
@Liveness
@ApplicationScoped
class IdentityLogAlive implements HealthCheck {

    private final IdentityLog log;

    IdentityLogAlive(IdentityLog log) {
        this.log = log;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("identity-log").status(log.isAlive()).build();
    }
}
