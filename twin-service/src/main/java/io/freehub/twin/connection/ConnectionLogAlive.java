package io.freehub.twin.connection;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread the service would tell for ever who was connected when that ended. */
@Liveness
@ApplicationScoped
class ConnectionLogAlive implements HealthCheck {

    private final ConnectionLog log;

    ConnectionLogAlive(ConnectionLog log) {
        this.log = log;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("connection-log").status(log.isAlive()).build();
    }
}
