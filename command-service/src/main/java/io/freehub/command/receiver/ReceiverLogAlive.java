package io.freehub.command.receiver;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread no device would receive anything. */
@Liveness
@ApplicationScoped
class ReceiverLogAlive implements HealthCheck {

    private final ReceiverLog log;

    ReceiverLogAlive(ReceiverLog log) {
        this.log = log;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("receiver-log").status(log.isAlive()).build();
    }
}
