package io.freehub.gateway;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Configuration of gateway-service. */
@ConfigMapping(prefix = "freehub.gateway")
public interface GatewayConfig {

    /** Number of this gateway among its kind, from 0; that of the pod in a StatefulSet. */
    @WithDefault("0")
    int ordinal();

    /** Address that the doors listen on. */
    @WithDefault("0.0.0.0")
    String bind();

    /** Whether devices may ask for faults by special messages, as the tests of the SDKs do. Never in production: it lets a device name what the hub does to its connection. */
    @WithDefault("false")
    boolean faultInjection();

    Mqtt mqtt();

    Amqp amqp();

    Https https();

    Tls tls();

    Registry registry();

    Twins twins();

    Commands commands();

    Events events();

    Refusals refusals();

    Telemetry telemetry();

    /** The door for devices that speak MQTT. */
    interface Mqtt {

        /** Port of MQTT over TLS. The SDKs know no other than 8883. */
        @WithDefault("8883")
        int port();

        /** Port of MQTT without TLS, on the loopback address only: for an ingress that ends TLS, and for measurements. 0 for none. */
        @WithDefault("0")
        int plainPort();

        /** A client that has sent no whole CONNECT this long after its handshake is cut off. */
        @WithDefault("60s")
        Duration connectTimeout();

        /** A TLS handshake that takes longer is given up. */
        @WithDefault("10s")
        Duration handshakeTimeout();

        /** A device waits this long at most for the registry; then CONNACK 3 asks it to come again. */
        @WithDefault("30s")
        Duration admissionTimeout();

        /** Connections that have not been admitted yet; a further one is closed at once, so that a flood of them costs a known amount of memory. */
        @WithDefault("20000")
        int maxPending();

        /** Messages of one connection that wait for Kafka; then no more is read from it until some are acknowledged. */
        @WithDefault("1000")
        int maxInFlight();

        /** Requests of one connection about its twin that wait for an answer; a further one is answered 429. */
        @WithDefault("100")
        int maxTwinRequests();

        /** Messages to a device that it has not acknowledged; further ones wait in its queue. */
        @WithDefault("16")
        int messageWindow();

        /** Calls of methods of one connection that it has not answered; a further one is answered 403. */
        @WithDefault("10")
        int methodWindow();
    }

    /** The door for devices and back ends that speak AMQP. */
    interface Amqp {

        /** Port of AMQP over TLS. The SDKs know no other than 5671. */
        @WithDefault("5671")
        int port();

        /** Port of AMQP without TLS, on the loopback address only: for an ingress that ends TLS, and for measurements. 0 for none. */
        @WithDefault("0")
        int plainPort();

        /** A connection on which nobody has proved who he is for this long is closed, and so is one that reads nothing for as long. */
        @WithDefault("60s")
        Duration connectTimeout();

        /** A client waits this long at most for the registry; then it is asked to come again. */
        @WithDefault("30s")
        Duration admissionTimeout();

        /** A connection on which nothing comes for twice this long is closed; clients are told of it and keep theirs alive. */
        @WithDefault("240s")
        Duration idleTimeout();

        /** Connections on which nobody has proved who he is yet; a further one is closed at once. */
        @WithDefault("5000")
        int maxPending();

        /** AMQP sessions on one connection. The Java SDK has one for each of up to 1,000 devices, and one more. */
        @WithDefault("1024")
        int maxSessions();

        /** Links on one connection, those that were refused and not yet let go included; one more closes it. */
        @WithDefault("8192")
        int maxLinks();

        /** Devices and modules whose tokens one connection may bring; a further token is answered 403. */
        @WithDefault("1000")
        int maxIdentities();

        /** Messages of one link that wait for Kafka or that the client may send before it hears of any. */
        @WithDefault("1000")
        int maxInFlight();

        /** Requests of one device or module about its twin that wait for an answer; a further one is answered 429. */
        @WithDefault("100")
        int maxTwinRequests();

        /** Messages to a device that it has not settled; further ones wait in its queue. */
        @WithDefault("16")
        int messageWindow();

        /** A message that the device has not settled by then is delivered again. */
        @WithDefault("60s")
        Duration messageLock();

        /** Calls of methods of one device or module that it has not answered; a further one is answered 403. */
        @WithDefault("10")
        int methodWindow();

        /** A message of a back end to a device that command-service has not taken by then is rejected. */
        @WithDefault("15s")
        Duration sendTimeout();
    }

    /** The door for back ends, and for devices that speak HTTPS or WebSockets. */
    interface Https {

        /** Port of HTTPS. The SDKs know no other than 443. */
        @WithDefault("443")
        int port();

        /** Connections, WebSockets not counted; a further one is closed at once. */
        @WithDefault("20000")
        int maxConnections();

        /** A connection on which no whole request has come for this long is closed. */
        @WithDefault("120s")
        Duration requestTimeout();

        /** Greatest body of a request that is passed on to a service, in bytes. */
        @WithDefault("1048576")
        long maxBody();

        /** Requests of devices that are being worked on; a further one is answered 503. Each holds up to 256 KiB. */
        @WithDefault("1000")
        int maxDeviceRequests();

        /** A request of a device that is not done by then is answered 503. The C SDK waits 20 s at most. */
        @WithDefault("15s")
        Duration deviceTimeout();
    }

    /** What the doors show of themselves. */
    interface Tls {

        /**
         * Certificate chains in PEM, leaf first. Of those for the host name that a client asks for, the first that it can
         * use is taken: P-256 before RSA. Clients that ask for no name get those of the first one's name.
         */
        List<Path> certificates();

        /** Keys of the certificates in PKCS#8 PEM, in the same order. */
        List<Path> keys();

        /** How often the files are looked at; new ones are used for new connections. */
        @WithDefault("10s")
        Duration reload();
    }

    /** A service that requests of back ends are passed on to. */
    interface Service {

        /** Base URL of it. */
        URI url();

        /** Connections to it for requests of back ends; further ones wait, up to {@link #timeout()}. */
        @WithDefault("32")
        int connections();

        /** A request that gets no connection by then is answered 503. */
        @WithDefault("5s")
        Duration timeout();
    }

    /** Where identities are looked up. */
    interface Registry extends Service {

        /** Base URL of registry-service. */
        @Override
        @WithDefault("http://registry-service:8081")
        URI url();

        /** A look-up that takes longer is tried again. */
        @Override
        @WithDefault("5s")
        Duration timeout();
    }

    /** Where twins are. */
    interface Twins extends Service {

        /** Base URL of twin-service. */
        @Override
        @WithDefault("http://twin-service:8082")
        URI url();
    }

    /** Where messages to devices and direct methods are. */
    interface Commands extends Service {

        /** Base URL of command-service. */
        @Override
        @WithDefault("http://command-service:8083")
        URI url();

        /** A direct method holds its connection until it is answered, which may take minutes. */
        @Override
        @WithDefault("1000")
        int connections();

        /** Connections to it for devices that ask for messages over HTTPS, and for links of AMQP; further requests wait. */
        @WithDefault("32")
        int deviceConnections();
    }

    /** The endpoint where back ends read events. */
    interface Events {

        /** Clients that read a partition at a time; a further one is refused. Each holds up to 1 MiB. */
        @WithDefault("200")
        int maxReaders();

        /** A gateway that gives no sign of life for so long is taken for gone, and its readers with it; each gives one every 10 s. */
        @WithDefault("35s")
        Duration gatewayTimeout();
    }

    /** What becomes of those that fail to prove themselves again and again. */
    interface Refusals {

        /** Whether failures from one address count together. Not behind a load balancer that hides the addresses of devices. */
        @WithDefault("true")
        boolean byAddress();

        /** The answer to a failed attempt is held back for a time that doubles with each, up to this. */
        @WithDefault("15s")
        Duration longest();
    }

    /** The way of messages into Kafka. */
    interface Telemetry {

        /** Bytes that may wait for Kafka; then nothing more is read from the devices that send. */
        @WithDefault("50331648")
        long maxBytesInFlight();

        /** How long a message may wait for others that go to Kafka with it: a millisecond saves 40 % of the CPU at moderate rates. */
        @WithDefault("1ms")
        Duration linger();

        /** A message that Kafka has not confirmed by then is given up, and with it the connection; the device sends again. */
        @WithDefault("20s")
        Duration deliveryTimeout();
    }
}
