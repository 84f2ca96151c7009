package io.freehub.command;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;

/** What an operator may set of command-service. */
@ConfigMapping(prefix = "freehub.command")
public interface CommandConfig {

    /** Number of this replica among its kind, from 0; that of the pod in a StatefulSet. */
    @WithDefault("0")
    int ordinal();

    Registry registry();

    Receivers receivers();

    /** Where devices and modules are looked up. */
    interface Registry {

        /** Base URL of registry-service. */
        @WithDefault("http://registry-service:8081")
        URI url();

        /** Connections to it; further look-ups wait. */
        @WithDefault("16")
        int connections();

        /** A look-up that takes longer fails, and with it the request. */
        @WithDefault("5s")
        Duration timeout();
    }

    /** What sessions say of what they receive. */
    interface Receivers {

        /** Events that are stored in one transaction. */
        @WithDefault("500")
        int batchSize();

        /** Pause after a transaction, so that many events share the next one. */
        @WithDefault("2ms")
        Duration gather();

        /** Longest pause between tries to store events while the database is away. */
        @WithDefault("2s")
        Duration maxBackoff();
    }
}
