package io.freehub.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench events}. */
@Command(
        name = "events",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how fast back ends read events: by Azure's SDK of Event Hubs over AMQP, and by Kafka clients with a",
            "connection string and without. Devices send the events first; then each reader reads all of them, several times.",
            "Needs Linux. Trust the CPU per event; rates move with whatever else the machine does."
        })
final class EventsCommand implements Callable<Integer> {

    private static final int DEVICES = 100;
    private static final int WINDOW = 64;
    private static final Set<String> WHO_WORKS = Set.of("gateway-0", "kafka", ProcessCpu.SELF);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "500000",
            description = "Events to read. Default: ${DEFAULT-VALUE}")
    private long events;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "256",
            description = "Body of an event. Default: ${DEFAULT-VALUE}")
    private int size;

    @Option(
            names = "--prefetch",
            paramLabel = "N",
            defaultValue = "500",
            description = "Credit of the Event Hubs reader for each partition. Default: ${DEFAULT-VALUE}")
    private int prefetch;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often each reader reads all; the last time counts. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    EventsCommand() {}

    @Override
    public Integer call() throws IOException {
        return own.measure(this::measure);
    }

    private int measure(HubUnderTest hub) {
        write(hub);
        System.out.printf("%n%s%n", Report.machine(MachineFacts.read()));
        var readers = List.of(
                EventReader.ofEventHubs(hub, prefetch), EventReader.ofKafka(hub), EventReader.ofKafkaReaders(hub));
        boolean whole = true;
        for (var reader : readers) {
            whole &= read(hub, reader);
        }
        return whole ? 0 : 1;
    }

    /** Devices send until there are enough. */
    private void write(HubUnderTest hub) {
        Bench.tell("writing %,d events".formatted(events));
        try (var registration = new Registration(hub);
                var generator = new LoadGenerator(1);
                var check = new EventsCheck(hub.kafka());
                var fleet = generator
                        .connect(
                                LoadGenerator.Protocol.mqtt,
                                hub.host(),
                                hub.tls(),
                                registration.create("bench", DEVICES),
                                new Workload.ClosedLoop(WINDOW),
                                size,
                                ThreadLocalRandom.current().nextLong(),
                                DEVICES)
                        .requireWhole()) {
            while (check.written() < events) {
                HubUnderTest.pause(POLL);
            }
            fleet.stopSending();
        }
    }

    private boolean read(HubUnderTest hub, EventReader reader) {
        Bench.tell(reader.name());
        for (int round = 1; ; round++) {
            var cpu = ProcessCpu.sample(hub.processes());
            long start = System.nanoTime();
            long read = reader.read(events, PATIENCE);
            double seconds = (System.nanoTime() - start) / 1e9;
            var used = ProcessCpu.sample(hub.processes()).since(cpu).microsPer(read);
            if (round == rounds || read < events) {
                System.out.printf("%n%s%n", reader.name());
                Periods.line("read", "%,.0f/s (%,d)".formatted(read / seconds, read));
                Periods.line("CPU µs/event", cpu(used));
                return read >= events;
            }
        }
    }

    private static String cpu(Map<String, Double> used) {
        return used.entrySet().stream()
                .filter(each -> WHO_WORKS.contains(each.getKey()))
                .map(each -> "%s %.1f".formatted(each.getKey(), each.getValue()))
                .collect(Collectors.joining("  "));
    }
}
