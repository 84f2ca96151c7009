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

        /** Pause after a transaction, so that many requests share the next one. */
        @WithDefault("5ms")
        Duration gather();

        /** Longest pause between tries to answer requests while the database is away. */
        @WithDefault("2s")
        Duration maxBackoff();
    }

    Configurations configurations();

    /** What is set in all twins that meet a condition. */
    interface Configurations {

        /** Configurations that the hub may have; a further one is refused. */
        @WithDefault("100")
        int most();

        /** Devices that are looked through in one transaction, with their modules. */
        @WithDefault("500")
        int batchSize();

        /** How often configurations are looked for whose change another replica was to roll out. */
        @WithDefault("1s")
        Duration pollInterval();

        /** How often the metrics of a configuration are counted; also when its change was rolled out. */
        @WithDefault("60s")
        Duration countInterval();

        /** How often all twins of a configuration are looked through without a reason. */
        @WithDefault("24h")
        Duration reviewInterval();

        /** Longest pause between tries to look through changed twins while the database is away. */
        @WithDefault("2s")
        Duration maxBackoff();
    }

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

    Commands commands();

    /** Who calls methods of devices for scheduled jobs. */
    interface Commands {

        /** Base URL of command-service. */
        @WithDefault("http://command-service:8083")
        URI url();

        /** Connections to it, which is how many devices are called at a time. */
        @WithDefault("100")
        int connections();

        /** How much longer than the device may take an answer may; then the device is called again. */
        @WithDefault("10s")
        Duration timeout();
    }

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
