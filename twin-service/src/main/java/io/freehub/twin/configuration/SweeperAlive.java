package io.freehub.twin.configuration;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without their threads no twin would get a configuration. */
@Liveness
@ApplicationScoped
class SweeperAlive implements HealthCheck {

    private final Sweeper sweeper;
    private final TwinChangeLog changes;

    SweeperAlive(Sweeper sweeper, TwinChangeLog changes) {
        this.sweeper = sweeper;
        this.changes = changes;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("configurations")
                .status(sweeper.isAlive() && changes.isAlive())
                .build();
    }
}
