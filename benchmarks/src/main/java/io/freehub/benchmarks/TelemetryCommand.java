package io.freehub.benchmarks;

import io.freehub.benchmarks.TelemetryBenchmark.Part;
import io.freehub.benchmarks.TelemetryBenchmark.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./hub bench telemetry}. */
@Command(
        name = "telemetry",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures device-to-cloud messages: rate, latency, CPU of each process per message and per connect,",
            "memory of a connection, busy devices on a cold gateway, many devices against few, plain Kafka beside it;",
            "and checks that every acknowledged message is among the events.",
            "Needs Linux. Trust the CPU per message; rates move with whatever else the machine does."
        })
final class TelemetryCommand implements Callable<Integer> {

    @Option(
            names = "--parts",
            split = ",",
            paramLabel = "PART",
            description = "Any of ${COMPLETION-CANDIDATES}. Default: all")
    private Set<Part> parts = Set.of();

    @Option(
            names = "--protocol",
            paramLabel = "mqtt|amqp",
            defaultValue = "mqtt",
            description = "What devices speak. Default: ${DEFAULT-VALUE}")
    private LoadGenerator.Protocol protocol = LoadGenerator.Protocol.mqtt;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "500",
            description = "Devices that send. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "8",
            description = "Closed loop: messages in flight of each device. Default: ${DEFAULT-VALUE}")
    private int window;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Open loop: messages a second, all devices together. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "256",
            description = "Body of a message. Default: ${DEFAULT-VALUE}")
    private int size;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "8",
            description = "Before what is measured. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "15",
            description = "What is measured. Default: ${DEFAULT-VALUE}")
    private int duration;

    @Option(
            names = "--door",
            split = ",",
            paramLabel = "tls|plain",
            description = "How devices connect. Default: both, the parts after the open loop with the first")
    private List<Transport> doors = List.of(Transport.tls, Transport.plain);

    @Option(
            names = "--idle",
            paramLabel = "N",
            defaultValue = "4000",
            description = "Connects and idle connections to measure. Default: ${DEFAULT-VALUE}")
    private int idle;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "64",
            description = "Connects at the same time. Default: ${DEFAULT-VALUE}")
    private int parallel;

    @Option(
            names = "--active",
            split = ",",
            arity = "1",
            paramLabel = "FEW,MANY",
            description = "Active devices to compare. Default: 100,10000")
    private List<Integer> active = List.of(100, 10_000);

    @Option(
            names = "--active-rate",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Messages a second in that comparison. Default: ${DEFAULT-VALUE}")
    private double activeRate;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Event loops of the load generator. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the results as JSON too.")
    private @Nullable Path json;

    @Option(
            names = "--hub",
            paramLabel = "FILE",
            description = "The hub.env of a hub that runs on this machine. Default: a hub of its own, gone afterwards")
    private @Nullable Path hub;

    @Option(
            names = "--plain-port",
            paramLabel = "PORT",
            description = {
                "Where a hub given by --hub offers the protocol without TLS (freehub.gateway.mqtt.plain-port,",
                "freehub.gateway.amqp.plain-port)."
            })
    private Optional<Integer> plainPort = Optional.empty();

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    @Spec
    private CommandSpec spec;

    /** Lower case, as they are typed. */
    enum Transport {
        tls,
        plain
    }

    TelemetryCommand() {}

    @Override
    public Integer call() throws IOException {
        requireSense();
        return hub == null ? onHubOfItsOwn() : measure(HubUnderTest.of(hub, ports(plainPort.orElse(0))));
    }

    private void requireSense() {
        if (size < Body.MIN_SIZE) {
            throw new ParameterException(spec.commandLine(), "--size: a body has at least " + Body.MIN_SIZE + " bytes");
        }
        if (active.size() != 2) {
            throw new ParameterException(spec.commandLine(), "--active: two numbers, FEW,MANY");
        }
        if (hub != null && doors.contains(Transport.plain) && plainPort.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--hub: give --plain-port too, or --door tls");
        }
    }

    private int onHubOfItsOwn() throws IOException {
        var plain = own.freePlainPort();
        return own.measure(
                options -> options.javaOptions(
                        "gateway", List.of("-Dfreehub.gateway." + protocol + ".plain-port=" + plain)),
                ports(plain),
                this::measure);
    }

    private HubUnderTest.Ports ports(int plain) {
        return switch (protocol) {
            case mqtt -> own.ports(plain, 0);
            case amqp -> own.ports(0, plain);
        };
    }

    /** Exit code 1 when an acknowledged message is missing or out of order. */
    private int measure(HubUnderTest target) {
        var settings = settings();
        Bench.tell("registering %,d devices".formatted(settings.devices()));
        try (var registration = new Registration(target);
                var generator = new LoadGenerator(threads);
                var events = new EventsCheck(target.kafka())) {
            var devices =
                    registration.create("bench-" + Long.toString(System.currentTimeMillis(), 36), settings.devices());
            var results = new TelemetryBenchmark(target, settings, devices, generator, events, Bench::tell).run();
            System.out.print(Report.text(results));
            if (json != null) {
                Report.writeJson(results, json);
            }
            if (hub != null) {
                registration.delete(devices);
            }
            return results.events().isGood() ? 0 : 1;
        }
    }

    private Settings settings() {
        return new Settings(
                parts,
                protocol,
                connections,
                window,
                rate,
                size,
                Duration.ofSeconds(warmUp),
                Duration.ofSeconds(duration),
                doors.contains(Transport.tls),
                doors.contains(Transport.plain),
                idle,
                parallel,
                active.getFirst(),
                active.getLast(),
                activeRate);
    }
}
