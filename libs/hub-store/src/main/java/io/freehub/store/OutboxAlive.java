package io.freehub.store;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Only a restart brings back the thread that relays. */
@Liveness
@ApplicationScoped
class OutboxAlive implements HealthCheck {

    private final OutboxRelay relay;

    OutboxAlive(OutboxRelay relay) {
        this.relay = relay;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("outbox-relay").status(relay.isAlive()).build();
    }
}
