package io.freehub.gateway.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import java.time.Duration;
import java.util.Optional;

/**
 * What gateways have said a moment ago of subscriptions that clients keep. The registry hears it a little later, and a client that
 * connects anew with a fresh token comes back within milliseconds. What does not fit, the registry tells.
 */
final class RecentlyKept {

    private static final int MAX_IDENTITIES = 10_000;
    private static final Duration AGE = Duration.ofMinutes(1);

    private final Cache<IdentityId, KeptSubscriptions> kept = Caffeine.newBuilder()
            .maximumSize(MAX_IDENTITIES)
            .expireAfterWrite(AGE)
            .build();

    Optional<KeptSubscriptions> find(IdentityId identity) {
        return Optional.ofNullable(kept.getIfPresent(identity));
    }

    void put(IdentityId identity, KeptSubscriptions subscriptions) {
        kept.put(identity, subscriptions);
    }

    /** The identity is no more, and with it its modules. */
    void forget(IdentityId identity) {
        kept.asMap()
                .keySet()
                .removeIf(other -> identity.isModule()
                        ? other.equals(identity)
                        : other.device().equals(identity.device()));
    }
}
