package io.freehub.twin.device;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Without its thread no device would have an answer. */
@Liveness
@ApplicationScoped
class TwinRequestsAlive implements HealthCheck {

    private final TwinRequests requests;

    TwinRequestsAlive(TwinRequests requests) {
        this.requests = requests;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("twin-requests")
                .status(requests.isAlive())
                .build();
    }
}
