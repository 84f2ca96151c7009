package io.freehub.twin.configuration;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without these threads no twin would get a configuration. */
@Liveness
@ApplicationScoped
class ConfigurationsAlive implements HealthCheck {

    private final Sweeper sweeper;
    private final Counting counting;
    private final TwinChangeLog changes;

    ConfigurationsAlive(Sweeper sweeper, Counting counting, TwinChangeLog changes) {
        this.sweeper = sweeper;
        this.counting = counting;
        this.changes = changes;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("configurations")
                .status(sweeper.isAlive() && counting.isAlive() && changes.isAlive())
                .build();
    }
}
