package io.freehub.registry;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What an operator may set of registry-service. */
@ConfigMapping(prefix = "freehub.registry")
public interface RegistryConfig {

    /** Connection events that are stored in one transaction. */
    @WithDefault("1000")
    int connectionBatchSize();

    /** Longest pause between tries to store connection events while the database is away. */
    @WithDefault("2s")
    Duration connectionMaxBackoff();

    /** Longest wait at the start for the policies and certificates that were published before. */
    @WithDefault("60s")
    Duration topicStartup();
}
