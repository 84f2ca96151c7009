package io.freehub.service.http;

import io.freehub.model.Permission;
import io.freehub.service.HubSettings;
import io.freehub.service.policy.AccessPolicies;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Checks tokens of back ends against the policies of this hub. */
@ApplicationScoped
class BackEndAccess {

    private final AccessPolicies policies;
    private final List<String> hosts;
    private final Clock clock;

    BackEndAccess(AccessPolicies policies, HubSettings settings, Clock clock) {
        this.policies = policies;
        this.hosts = settings.hosts();
        this.clock = clock;
    }

    void check(Optional<String> authorization, RequestPath path, Permission needed) {
        BackEndTokens.check(authorization, policies::find, hosts, path.segments(), needed, clock.instant());
    }
}
