package io.freehub.service.policy;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** A service is not ready before it knows the policies: it could check no token. */
@Readiness
@ApplicationScoped
class AccessPoliciesReady implements HealthCheck {

    private final AccessPolicies policies;

    AccessPoliciesReady(AccessPolicies policies) {
        this.policies = policies;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("access-policies")
                .status(policies.areKnown())
                .build();
    }
}
