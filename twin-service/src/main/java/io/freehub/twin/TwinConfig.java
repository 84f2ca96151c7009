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

    Jobs jobs();

    /** How scheduled jobs are done. */
    interface Jobs {

        /** Jobs that wait for their time or run; a further one is refused. */
        @WithDefault("10")
        int maxActive();

        /** Devices of one job that are worked on in a second, over all replicas. */
        @WithDefault("1000")
        int devicesPerSecond();

        /** Devices that are written in one transaction. */
        @WithDefault("100")
        int batchSize();

        /** Devices that are found with one question when a job begins. */
        @WithDefault("1000")
        int pageSize();

        /** How often an idle replica looks whether there is something to do. */
        @WithDefault("2s")
        Duration pollInterval();

        /** How long jobs that ended are kept. */
        @WithDefault("30d")
        Duration history();
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
