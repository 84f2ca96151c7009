package io.freehub.service.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.SasToken;
import io.freehub.service.HubSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The token by which services call each other, of the hub's own policy. */
@ApplicationScoped
public class InternalToken {

    private static final Duration LIFE = Duration.ofHours(1);

    private final HubSettings hub;
    private final AccessPolicies policies;
    private final Clock clock;
    private volatile Token token = new Token("", Instant.MIN);

    private record Token(String text, Instant renewAt) {}

    InternalToken(HubSettings hub, AccessPolicies policies, Clock clock) {
        this.hub = hub;
        this.policies = policies;
        this.clock = clock;
    }

    /**
     * An {@code Authorization} header, good for half an hour at least.
     *
     * @throws HubException {@link HubError#SERVICE_UNAVAILABLE} before the policy is known
     */
    public String authorization() {
        var now = clock.instant();
        if (now.isAfter(token.renewAt())) {
            var policy = policies.find(AccessPolicy.INTERNAL)
                    .orElseThrow(() -> new HubException(
                            HubError.SERVICE_UNAVAILABLE, "the hub's own policy is not known yet; try again"));
            token = new Token(
                    SasToken.create(hub.host(), policy.keys().primary(), now.plus(LIFE), Optional.of(policy.name())),
                    now.plus(LIFE.dividedBy(2)));
        }
        return token.text();
    }
}
