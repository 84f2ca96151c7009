package io.freehub.gateway.identity;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.HubSettings;
import io.freehub.service.authority.TrustedAuthorities;
import io.freehub.service.policy.AccessPolicies;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The rules of this hub. */
class HubAdmission {

    @Produces
    @Singleton
    AdmissionRules rules(HubSettings hub, AccessPolicies policies, TrustedAuthorities authorities) {
        return new AdmissionRules(hub.hosts(), policies::find, () -> {
            if (!authorities.areKnown()) {
                // A device that were refused for good now might not try again for long.
                throw new HubException(HubError.SERVICE_UNAVAILABLE, "the certificate authorities are not known yet");
            }
            return authorities.all();
        });
    }
}
