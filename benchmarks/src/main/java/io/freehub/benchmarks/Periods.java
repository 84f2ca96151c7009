package io.freehub.benchmarks;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a benchmark warms up and measures. */
final class Periods {

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "15",
            description = "Before what is measured. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "15",
            description = "What is measured. Default: ${DEFAULT-VALUE}")
    private int duration;

    Periods() {}

    /** What is measured. */
    interface Load {

        /** Counts from now. */
        void reset();

        /** What there was since. */
        Lane.Measured measured();
    }

    /**
     * Warms up, measures, and prints what came of it.
     *
     * @param what is counted
     */
    void measure(HubUnderTest hub, String title, String what, Load load) {
        Bench.tell(title);
        HubUnderTest.pause(Duration.ofSeconds(warmUp));
        var before = ProcessCpu.sample(hub.processes());
        load.reset();
        long start = System.nanoTime();
        HubUnderTest.pause(Duration.ofSeconds(duration));
        var measured = load.measured();
        double seconds = (System.nanoTime() - start) / 1e9;
        var used = ProcessCpu.sample(hub.processes()).since(before);
        System.out.printf("%n%s%n", title);
        line(what, "%,.0f/s (%,d)".formatted(measured.acknowledged() / seconds, measured.acknowledged()));
        line("latency ms", Report.latency(Results.Latency.of(measured.latency())));
        line("CPU µs of each", Report.micros(used.microsPer(measured.acknowledged())));
    }

    static void line(String name, String value) {
        System.out.printf("  %-18s %s%n", name, value);
    }
}
