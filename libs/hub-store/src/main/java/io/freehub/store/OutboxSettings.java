package io.freehub.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How records get from the outbox to Kafka. */
@ConfigMapping(prefix = "freehub.outbox")
public interface OutboxSettings {

    /** Records read, sent and deleted at once. */
    @WithDefault("500")
    int batchSize();

    /** How often is looked for records that nobody told of: those of a replica that ended before it could send them. */
    @WithDefault("200ms")
    Duration pollInterval();

    /** Longest wait for Kafka to acknowledge a record before it is sent again. */
    @WithDefault("10s")
    Duration deliveryTimeout();

    /** Longest pause between tries while Kafka or the database is away. */
    @WithDefault("2s")
    Duration maxBackoff();

    /** A record that has waited this long makes the service not ready. */
    @WithDefault("30s")
    Duration stuckAfter();
}
