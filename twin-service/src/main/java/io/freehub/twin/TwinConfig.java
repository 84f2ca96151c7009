package io.freehub.twin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;

/** What an operator may set of twin-service. */
@ConfigMapping(prefix = "freehub.twin")
public interface TwinConfig {

    Registry registry();

    /** Identity changes that are stored in one transaction. */
    @WithDefault("1000")
    int identityBatchSize();

    /** Longest pause between tries to store identity changes while the database is away. */
    @WithDefault("2s")
    Duration identityMaxBackoff();

    Requests requests();

    /** What devices ask about their twins. */
    interface Requests {

        /** Requests that are answered in one transaction. */
        @WithDefault("500")
        int batchSize();

        /** Longest pause between tries to answer requests while the database is away. */
        @WithDefault("2s")
        Duration maxBackoff();
    }

    /** Where devices and modules are looked up when a back end asks for their twins. */
    interface Registry {

        /** Base URL of registry-service. */
        @WithDefault("http://registry-service:8081")
        URI url();

        /** Connections to it; further look-ups wait. */
        @WithDefault("32")
        int connections();

        /** A look-up that takes longer fails, and with it the request. */
        @WithDefault("5s")
        Duration timeout();
    }
}
