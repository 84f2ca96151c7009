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

    Transactions transactions();

    Messages messages();

    Feedback feedback();

    Methods methods();

    Sessions sessions();

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

    /** What requests do in the database. */
    interface Transactions {

        /** Requests that work in the database at a time; each takes a connection. */
        @WithDefault("8")
        int concurrency();

        /** Requests that wait for that; a further one is answered 429. */
        @WithDefault("1000")
        int waiting();
    }

    /** Cloud-to-device messages. */
    interface Messages {

        /** Messages in the queue of a device, locked ones among them; a further one is refused. */
        @WithDefault("50")
        int depth();

        /** A message that waits longer is dead-lettered, unless its sender said when. */
        @WithDefault("1h")
        Duration timeToLive();

        /** A message that has been delivered more often than this without being settled is dead-lettered. */
        @WithDefault("10")
        int maxDeliveryCount();

        /** How long a device that received a message over HTTPS has to settle it. */
        @WithDefault("60s")
        Duration lock();

        /** How often is looked for messages that expire and locks that end. */
        @WithDefault("1s")
        Duration pollInterval();

        /** Queues that are looked after in one transaction. */
        @WithDefault("100")
        int batchSize();

        /** Identities of which events are stored in one transaction. */
        @WithDefault("1000")
        int identityBatchSize();

        /** Longest pause between tries to store those while the database is away. */
        @WithDefault("2s")
        Duration identityMaxBackoff();
    }

    /** What senders of messages are told of them. */
    interface Feedback {

        /** Records in a batch, unless there are fewer for a while. */
        @WithDefault("64")
        int batchSize();

        /** A record waits no longer than this for others. */
        @WithDefault("15s")
        Duration batchAfter();

        /** A batch that nobody receives is forgotten after this. */
        @WithDefault("1h")
        Duration timeToLive();

        /** How long a back end that received a batch has to complete it. */
        @WithDefault("60s")
        Duration lock();

        /** A batch that has been delivered more often than this without being completed is forgotten. */
        @WithDefault("10")
        int maxDeliveryCount();

        /** How often is looked for records that make a batch. */
        @WithDefault("1s")
        Duration pollInterval();
    }

    /** Calls of direct methods. */
    interface Methods {

        /** Calls that are under way on this replica; further ones are refused. */
        @WithDefault("10000")
        int maxCalls();

        /** Calls of one device or module that are under way on this replica, those that wait for it included. */
        @WithDefault("100")
        int maxCallsOfDevice();

        /** How often devices that are waited for are looked for. */
        @WithDefault("100ms")
        Duration pollInterval();

        /** A call that Kafka does not take in this time fails. */
        @WithDefault("5s")
        Duration sendTimeout();
    }

    /** Who is connected where. */
    interface Sessions {

        /** Connection events that are stored in one transaction. */
        @WithDefault("2000")
        int batchSize();

        /** Longest pause between tries to store connection events while the database is away. */
        @WithDefault("2s")
        Duration maxBackoff();

        /** A gateway that gives no sign of life for so long is taken for gone; each gives one every 10 s. */
        @WithDefault("35s")
        Duration gatewayTimeout();

        /** How often gateways are looked after. */
        @WithDefault("2s")
        Duration checkInterval();

        /** How long sessions that were closed are kept; not shorter than the retention of hub.connections. */
        @WithDefault("1d")
        Duration history();
    }
}
