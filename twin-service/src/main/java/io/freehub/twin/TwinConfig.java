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

    /** Connection events that are stored in one transaction. */
    @WithDefault("1000")
    int connectionBatchSize();

    /** Longest pause between tries to store connection events while the database is away. */
    @WithDefault("2s")
    Duration connectionMaxBackoff();

    Queries queries();

    /** What queries of back ends may take. */
    interface Queries {

        /** Queries that run at a time; further ones wait. */
        @WithDefault("4")
        int concurrency();

        /** Queries that wait; further ones are refused. */
        @WithDefault("100")
        int waiting();

        /** A query that waits longer is refused. */
        @WithDefault("10s")
        Duration maxWait();

        /** A query whose statement runs longer is ended. */
        @WithDefault("10s")
        Duration timeout();
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
