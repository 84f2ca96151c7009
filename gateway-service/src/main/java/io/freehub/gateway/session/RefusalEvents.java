package io.freehub.gateway.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;

/**
 * Tells the log of connections who failed to prove himself and why: of one identity once a minute, and of all together
 * no more than a bounded number a minute, so that no attack becomes a flood of events. The metrics count every failure.
 */
@ApplicationScoped
public class RefusalEvents {

    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final int MAX_PER_INTERVAL = 1_000;

    private final SessionLog log;
    private final Sessions sessions;
    private final Clock clock = Clock.systemUTC();
    private final Counter untold;

    /** Those told of in the last minute; it holds no more than may be told of. */
    private final Cache<IdentityId, IdentityId> told =
            Caffeine.newBuilder().expireAfterWrite(INTERVAL).build();

    RefusalEvents(SessionLog log, Sessions sessions, MeterRegistry metrics) {
        this.log = log;
        this.sessions = sessions;
        this.untold = Counter.builder("freehub.refusals.untold")
                .description("Failed attempts to connect of which there is no event, since there were too many")
                .register(metrics);
    }

    /**
     * A client was refused.
     *
     * @param client {@code device} or {@code device/module}; whatever else it called itself, nobody hears of
     */
    public void refused(String client, HubError error, String reason, String from) {
        IdentityId identity;
        try {
            identity = IdentityId.parse(client);
        } catch (HubException e) {
            return;
        }
        if (told.estimatedSize() >= MAX_PER_INTERVAL) {
            told.cleanUp();
        }
        if (told.getIfPresent(identity) != null || told.estimatedSize() >= MAX_PER_INTERVAL) {
            untold.increment();
            return;
        }
        told.put(identity, identity);
        log.append(
                new ConnectionEvent.Refused(identity, error, reason, from, sessions.gateway(), clock.instant()),
                untold::increment);
    }
}
