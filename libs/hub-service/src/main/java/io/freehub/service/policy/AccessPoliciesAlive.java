package io.freehub.service.policy;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** A service that no longer hears of changed policies would let in whom it should not: it is to be restarted. */
@Liveness
@ApplicationScoped
class AccessPoliciesAlive implements HealthCheck {

    private final AccessPolicies policies;

    AccessPoliciesAlive(AccessPolicies policies) {
        this.policies = policies;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("access-policies")
                .status(policies.areFollowed())
                .build();
    }
}
