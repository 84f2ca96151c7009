package io.freehub.command.method;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Without the thread that hears answers every call would time out. */
@Liveness
@Readiness
@ApplicationScoped
class CallsAlive implements HealthCheck {

    private final Calls calls;

    CallsAlive(Calls calls) {
        this.calls = calls;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("method-replies")
                .status(calls.isAlive())
                .build();
    }
}
