package io.freehub.command.queue;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread queues of devices that are gone would stay. */
@Liveness
@ApplicationScoped
class IdentityLogAlive implements HealthCheck {

    private final IdentityLog log;

    IdentityLogAlive(IdentityLog log) {
        this.log = log;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("queue-ends").status(log.isAlive()).build();
    }
}
