package io.freehub.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench twins}. */
@Command(
        name = "twins",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures updates of twins over MQTT with TLS: reported properties as fast as they go and at a given rate,",
            "desired properties from the back end's request to the device, CPU of each process per update, and batches of",
            "updates of the same rows straight in PostgreSQL beside it; and checks that every answered update counted.",
            "Needs Linux. Trust the CPU per update; rates move with whatever else the machine does."
        })
final class TwinsCommand implements Callable<Integer> {

    private static final int BATCH = 500;

    @Option(
            names = "--parts",
            split = ",",
            paramLabel = "PART",
            description = "Any of ${COMPLETION-CANDIDATES}. Default: all")
    private Set<TwinsBenchmark.Part> parts = Set.of();

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "500",
            description = "Devices that report. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "1",
            description = "Closed loop: updates in flight of each device. Default: ${DEFAULT-VALUE}")
    private int window;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "500",
            description = "Open loop: updates a second, all devices together. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--desired-rate",
            paramLabel = "N",
            defaultValue = "50",
            description = "Patches of desired properties a second. Default: ${DEFAULT-VALUE}")
    private double desiredRate;

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
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "64",
            description = "Connects at the same time. Default: ${DEFAULT-VALUE}")
    private int parallel;

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    @Mixin
    private DatabaseOptions postgres = new DatabaseOptions();

    TwinsCommand() {}

    @Override
    public Integer call() throws IOException, SQLException {
        return own.measure(postgres, own.ports(), this::measure);
    }

    /** Exit code 1 when an answered update did not count, or counted twice. */
    private int measure(HubUnderTest hub) throws IOException, SQLException {
        Bench.tell("registering %,d devices".formatted(connections));
        try (var registration = new Registration(hub);
                var generator = new LoadGenerator(1);
                var api = new ServiceApi(hub);
                var database = postgres.connectToTwins(hub)) {
            var devices = registration.create("bench", connections);
            awaitTwins(api, devices.getLast());
            var settings = new TwinsBenchmark.Settings(
                    parts,
                    window,
                    rate,
                    desiredRate,
                    Duration.ofSeconds(warmUp),
                    Duration.ofSeconds(duration),
                    parallel);
            var benchmark = new TwinsBenchmark(hub, settings, devices, generator, api, new RawTwins(database, BATCH));
            System.out.printf("%n%s%n", Report.machine(MachineFacts.read()));
            return benchmark.run() ? 0 : 1;
        }
    }

    /** Twins begin when events of the registry are read. */
    private static void awaitTwins(ServiceApi api, Device last) {
        var query = Map.of("query", "SELECT deviceId FROM devices WHERE deviceId = '" + last.id() + "'");
        while (api.send("POST", "/devices/query", query).isEmpty()) {
            HubUnderTest.pause(Duration.ofMillis(100));
        }
    }
}
