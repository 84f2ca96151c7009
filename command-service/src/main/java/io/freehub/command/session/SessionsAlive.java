package io.freehub.command.session;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without these threads the service would tell for ever who was connected when they ended. */
@Liveness
@ApplicationScoped
class SessionsAlive implements HealthCheck {

    private final SessionLog log;
    private final GatewayWatch watch;

    SessionsAlive(SessionLog log, GatewayWatch watch) {
        this.log = log;
        this.watch = watch;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("session-directory")
                .status(log.isAlive() && watch.isAlive())
                .build();
    }
}
