package io.freehub.benchmarks;

import io.netty.handler.codec.http.HttpMethod;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench c2d}. */
@Command(
        name = "c2d",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures cloud-to-device messages, from the request of the back end over REST with TLS to the device, which",
            "acknowledges each over MQTT with TLS: as fast as they are taken, then at a given rate; and checks that every one",
            "that was taken has arrived. Needs Linux."
        })
final class MessagesCommand implements Callable<Integer> {

    private static final Duration LAST_ONES = Duration.ofSeconds(30);

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "200",
            description = "Open loop: messages a second. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--callers",
            paramLabel = "N",
            defaultValue = "32",
            description =
                    "Closed loop: connections of back ends, each with a message under way. Default: ${DEFAULT-VALUE}")
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

    MessagesCommand() {}

    @Override
    public Integer call() throws IOException {
        return own.measure(this::measure);
    }

    /** Exit code 1 when a message that was taken has not arrived. */
    private int measure(HubUnderTest hub) {
        Bench.tell("registering %,d devices".formatted(connections));
        try (var registration = new Registration(hub);
                var generator = new LoadGenerator(1)) {
            var devices = registration.create("bench", connections);
            System.out.printf("%n%s%n", Report.machine(MachineFacts.read()));
            try (var fleet = generator
                    .connectReceivers(hub.host(), hub.tls(), devices, CommandExchange::messages, parallel)
                    .requireWhole()) {
                // As fast as it goes first: that warms up best.
                boolean whole = measure(
                                hub,
                                generator,
                                fleet,
                                devices,
                                "closed loop, %,d devices, %,d messages under way".formatted(connections, callers),
                                new Workload.ClosedLoop(1))
                        & measure(
                                hub,
                                generator,
                                fleet,
                                devices,
                                "open loop, %,d devices, %,.0f messages/s".formatted(connections, rate),
                                new Workload.OpenLoop(rate));
                return whole && fleet.losses().isEmpty() ? 0 : 1;
            }
        }
    }

    private boolean measure(
            HubUnderTest hub,
            LoadGenerator generator,
            Fleet fleet,
            List<Device> devices,
            String title,
            Workload workload) {
        var arrivedBefore = new AtomicLong();
        fleet.reset();
        var backEnds = new BackEnds(hub, generator.loop(), callers, messages(devices));
        try (backEnds) {
            backEnds.start(workload);
            periods.measure(hub, title, "arrived", new Periods.Load() {
                @Override
                public void reset() {
                    arrivedBefore.set(fleet.measured().acknowledged());
                    fleet.reset();
                    backEnds.reset();
                }

                @Override
                public Lane.Measured measured() {
                    return fleet.measured();
                }
            });
            Periods.line(
                    "REST latency ms",
                    Report.latency(Results.Latency.of(backEnds.measured().latency())));
            backEnds.failures().forEach((what, often) -> Periods.line("failed " + often + " ×", what));
        }
        long taken = backEnds.all();
        long deadline = System.nanoTime() + LAST_ONES.toNanos();
        while (arrivedBefore.get() + fleet.measured().acknowledged() < taken && System.nanoTime() < deadline) {
            HubUnderTest.pause(Duration.ofMillis(50));
        }
        long arrived = arrivedBefore.get() + fleet.measured().acknowledged();
        Periods.line("in all", "%,d taken, %,d arrived".formatted(taken, arrived));
        return arrived >= taken;
    }

    private static Supplier<BackEnds.Call> messages(List<Device> devices) {
        var next = new AtomicInteger();
        return () -> new BackEnds.Call(
                HttpMethod.POST,
                "/devices/"
                        + devices.get(next.getAndIncrement() % devices.size()).id() + "/messages/deviceBound",
                Long.toString(System.nanoTime() / 1000),
                204);
    }
}
