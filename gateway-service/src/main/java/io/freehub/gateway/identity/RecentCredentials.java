package io.freehub.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.freehub.model.Credentials;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Credentials that were found a moment ago. Those of a device and of its modules stand together, since a change of the
 * device is one of them all. What is not there is not kept: it would cost memory for names that anybody can make up.
 */
final class RecentCredentials {

    private static final int MAX_DEVICES = 10_000;
    private static final Duration AGE = Duration.ofMinutes(1);

    private final Cache<DeviceId, Map<IdentityId, Credentials>> byDevice =
            Caffeine.newBuilder().maximumSize(MAX_DEVICES).expireAfterWrite(AGE).build();
    private final AtomicLong changes = new AtomicLong();

    Optional<Credentials> find(IdentityId identity) {
        return Optional.ofNullable(byDevice.getIfPresent(identity.device())).map(known -> known.get(identity));
    }

    /** Taken before credentials are asked for; {@link #keep} wants it back. */
    long state() {
        return changes.get();
    }

    /** Keeps what was asked for at that state, unless anything has changed since: it may be of before the change. */
    void keep(Credentials credentials, long state) {
        byDevice.asMap().compute(credentials.identity().device(), (_, known) -> {
            if (changes.get() != state) {
                return known;
            }
            var all = new HashMap<IdentityId, Credentials>(known == null ? Map.of() : known);
            all.put(credentials.identity(), credentials);
            return Map.copyOf(all);
        });
    }

    void forget(DeviceId device) {
        changes.incrementAndGet();
        byDevice.invalidate(device);
    }
}
