package io.freehub.store;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Not ready while changes do not reach Kafka: whoever depends on them would be told of nothing. */
@Readiness
@ApplicationScoped
class OutboxHealth implements HealthCheck {

    private final OutboxRelay relay;
    private final OutboxSettings settings;

    OutboxHealth(OutboxRelay relay, OutboxSettings settings) {
        this.relay = relay;
        this.settings = settings;
    }

    @Override
    public HealthCheckResponse call() {
        var age = relay.oldestAge();
        return HealthCheckResponse.named("outbox")
                .status(age.compareTo(settings.stuckAfter()) < 0)
                .withData("oldestSeconds", age.toSeconds())
                .build();
    }
}
