package io.freehub.benchmarks;

import io.netty.handler.codec.http.HttpMethod;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench methods}. */
@Command(
        name = "methods",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures direct methods: a back end calls over REST with TLS, a device answers at once over MQTT with TLS. Calls go",
            "round all devices: as fast as they are answered, then at a given rate. Needs Linux."
        })
final class MethodsCommand implements Callable<Integer> {

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "500",
            description = "Open loop: calls a second. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--callers",
            paramLabel = "N",
            defaultValue = "32",
            description =
                    "Closed loop: connections of back ends, with a call under way on each. Default: ${DEFAULT-VALUE}")
    private int callers;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "64",
            description = "Connects at the same time. Default: ${DEFAULT-VALUE}")
    private int parallel;

    @Mixin
    private Periods periods = new Periods();

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    MethodsCommand() {}

    @Override
    public Integer call() throws IOException {
        return own.measure(this::measure);
    }

    /** Exit code 1 when a call was not answered by its device. */
    private int measure(HubUnderTest hub) {
        Bench.tell("registering %,d devices".formatted(connections));
        try (var registration = new Registration(hub);
                var generator = new LoadGenerator(1)) {
            var devices = registration.create("bench", connections);
            System.out.printf("%n%s%n", Report.machine(MachineFacts.read()));
            try (var fleet = generator
                    .connectReceivers(hub.host(), hub.tls(), devices, _ -> CommandExchange.methods(), parallel)
                    .requireWhole()) {
                // As fast as it goes first: that warms up best.
                boolean whole = measure(
                                hub,
                                generator,
                                devices,
                                "closed loop, %,d devices, %,d calls under way".formatted(connections, callers),
                                new Workload.ClosedLoop(1))
                        & measure(
                                hub,
                                generator,
                                devices,
                                "open loop, %,d devices, %,.0f calls/s".formatted(connections, rate),
                                new Workload.OpenLoop(rate));
                return whole && fleet.losses().isEmpty() ? 0 : 1;
            }
        }
    }

    private boolean measure(
            HubUnderTest hub, LoadGenerator generator, List<Device> devices, String title, Workload workload) {
        try (var backEnds = new BackEnds(hub, generator.loop(), callers, calls(devices))) {
            backEnds.start(workload);
            periods.measure(hub, title, "answered", new Periods.Load() {
                @Override
                public void reset() {
                    backEnds.reset();
                }

                @Override
                public Lane.Measured measured() {
                    return backEnds.measured();
                }
            });
            backEnds.failures().forEach((what, often) -> Periods.line("failed " + often + " ×", what));
            return backEnds.failures().isEmpty();
        }
    }

    private static Supplier<BackEnds.Call> calls(List<Device> devices) {
        var next = new AtomicInteger();
        return () -> {
            int number = next.getAndIncrement();
            return new BackEnds.Call(
                    HttpMethod.POST,
                    "/twins/" + devices.get(number % devices.size()).id() + "/methods",
                    "{\"methodName\":\"setLevel\",\"payload\":{\"level\":" + number
                            + ",\"fade\":\"slow\"},\"responseTimeoutInSeconds\":30}",
                    200);
        };
    }
}
