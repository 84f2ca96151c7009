package io.freehub.benchmarks;

import io.freehub.embedded.Directories;
import io.freehub.embedded.Ports;
import io.freehub.standalone.HubOptions;
import io.freehub.standalone.StandaloneHub;
import java.io.IOException;
import java.nio.file.Files;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** Where a hub listens that a benchmark starts for itself; gone afterwards. */
final class HubOfItsOwn {

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = HubOptions.DEFAULT_HOST,
            description = "Of the benchmark's own hub, which is gone afterwards. Default: ${DEFAULT-VALUE}")
    private String host = HubOptions.DEFAULT_HOST;

    @Option(
            names = "--mqtt-port",
            paramLabel = "PORT",
            defaultValue = "8883",
            description = "Default: ${DEFAULT-VALUE}")
    private int mqttPort;

    @Option(
            names = "--amqp-port",
            paramLabel = "PORT",
            defaultValue = "" + HubOptions.DEFAULT_AMQP_PORT,
            description = "Default: ${DEFAULT-VALUE}")
    private int amqpPort;

    @Option(
            names = "--https-port",
            paramLabel = "PORT",
            defaultValue = "443",
            description = "Default: ${DEFAULT-VALUE}")
    private int httpsPort;

    HubOfItsOwn() {}

    /** What is done with the hub while it is up. */
    interface Measurement<E extends Exception> {

        /** Exit code of the command. */
        int of(HubUnderTest hub) throws IOException, E;
    }

    /** Ports of the hub. */
    HubUnderTest.Ports ports() {
        return ports(0, 0);
    }

    /** Ports of the hub, with those for MQTT and AMQP without TLS; 0 when they are not offered. */
    HubUnderTest.Ports ports(int plainMqtt, int plainAmqp) {
        return new HubUnderTest.Ports(mqttPort, amqpPort, httpsPort, plainMqtt, plainAmqp);
    }

    /** A port for a protocol without TLS. */
    int freePlainPort() {
        return Ports.free(HubUnderTest.loopback(host));
    }

    /** Starts a hub, measures, stops it. */
    <E extends Exception> int measure(Measurement<E> measurement) throws IOException, E {
        return measure(UnaryOperator.identity(), ports(), measurement);
    }

    /**
     * The same.
     *
     * @param more options besides host and ports
     */
    <E extends Exception> int measure(
            UnaryOperator<HubOptions.Builder> more, HubUnderTest.Ports ports, Measurement<E> measurement)
            throws IOException, E {
        var data = Files.createTempDirectory("freehub-bench");
        var options = more.apply(HubOptions.in(data)
                        .host(host)
                        .mqttPort(mqttPort)
                        .amqpPort(amqpPort)
                        .amqpPlainPort(0)
                        .httpsPort(httpsPort))
                .build();
        try (var hub = StandaloneHub.start(options, Bench::tell)) {
            return measurement.of(HubUnderTest.of(hub.facts().environmentFile(), ports));
        } finally {
            Directories.delete(data);
        }
    }
}
