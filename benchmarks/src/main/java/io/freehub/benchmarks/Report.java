package io.freehub.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** Results for people and for programs. */
final class Report {

    private static final String LINE = "  %-18s %s%n";

    private final Results results;
    private final StringBuilder out = new StringBuilder();

    private Report(Results results) {
        this.results = results;
    }

    static String text(Results results) {
        var report = new Report(results);
        report.write();
        return report.out.toString();
    }

    static void writeJson(Results results, Path file) {
        try {
            Files.write(
                    file,
                    new ObjectMapper()
                            .registerModule(new Jdk8Module())
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsBytes(results));
        } catch (IOException failed) {
            throw new BenchmarkException("cannot write " + file, failed);
        }
    }

    private void write() {
        print("%n%s%n", machine(results.machine()));
        results.loads().forEach(this::load);
        results.connects().ifPresent(this::connects);
        results.scale().ifPresent(this::scale);
        results.rawKafka().ifPresent(this::rawKafka);
        results.storm().ifPresent(this::storm);
        print("%nIn all: %s%n", events(results.events()));
    }

    private void load(Results.Load load) {
        print("%n%s%n", load.title());
        line("acknowledged", "%,.0f/s (%,d)".formatted(load.perSecond(), load.acknowledged()));
        line("latency ms", latency(load.latency()));
        line("CPU µs/message", micros(load.cpuPerMessage()));
        if (load.routed() < 0.98) {
            line("", "the router wrote %.0f %% of the events meanwhile".formatted(100 * load.routed()));
        }
        if (load.lostConnections() > 0) {
            line("connections", load.lostConnections() + " LOST");
        }
        line("events", events(load.events()));
    }

    private void connects(Results.Connects connects) {
        print("%n%s%n", connects.title());
        line("connected", "%,.0f/s".formatted(connects.perSecond()));
        line("CPU µs/connect", micros(connects.cpuPerConnect()));
        line("", "%.2f ms over all processes but the generator".formatted(hubMicros(connects.cpuPerConnect()) / 1000));
        var memory = connects.memory();
        line(
                "memory, idle",
                "%.1f KiB a connection (%.1f heap + %.1f outside it); RSS grew by %.1f KiB each"
                        .formatted(
                                (memory.heap() + memory.nonHeap()) / 1024.0,
                                memory.heap() / 1024.0,
                                memory.nonHeap() / 1024.0,
                                memory.resident() / 1024.0));
    }

    private void scale(Results.Scale scale) {
        load(scale.fewBefore());
        load(scale.many());
        load(scale.fewAfter());
        line(
                "cost, many : few",
                scale.many().cpuPerMessage().keySet().stream()
                        .filter(process -> scale.many().cpuPerMessage().get(process) >= 1)
                        .map(process -> "%s %.2f".formatted(process, scale.ratio(process)))
                        .collect(Collectors.joining("  ")));
    }

    private void rawKafka(Results.RawKafka kafka) {
        print("%nplain Kafka producer, acks=all%n");
        line("acknowledged", "%,.0f/s".formatted(kafka.perSecond()));
        line("CPU µs/message", micros(kafka.cpuPerMessage()));
        line("ms at %,.0f/s".formatted(kafka.rate()), latency(kafka.latencyAtRate()));
    }

    private void storm(Results.Storm storm) {
        load(storm.load());
        line(
                "connections",
                "%d refused, %d lost of %,d; all settled after %.2f s"
                        .formatted(storm.refused(), storm.lost(), storm.devices(), storm.seconds()));
        storm.reasons().forEach(reason -> line("", reason));
    }

    private static String events(EventsCheck.Result events) {
        return "%,d acknowledged: %,d missing, %,d doubled, %,d out of order"
                .formatted(events.acknowledged(), events.missing(), events.doubled(), events.outOfOrder());
    }

    private static double hubMicros(Map<String, Double> cpu) {
        return cpu.entrySet().stream()
                .filter(process -> !process.getKey().equals(ProcessCpu.SELF))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    static String latency(Results.Latency latency) {
        return "p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.1f"
                .formatted(latency.p50(), latency.p90(), latency.p99(), latency.p999(), latency.max());
    }

    static String machine(Results.Machine machine) {
        return "%s, %d cores, %,d MiB, %s, JDK %s"
                .formatted(machine.processor(), machine.cores(), machine.memoryMiB(), machine.system(), machine.java());
    }

    static String micros(Map<String, Double> cpu) {
        return cpu.entrySet().stream()
                .map(process -> "%s %.1f".formatted(process.getKey(), process.getValue()))
                .collect(Collectors.joining("  "));
    }

    private void line(String name, String value) {
        print(LINE, name, value);
    }

    private void print(String format, Object... values) {
        out.append(format.formatted(values));
    }
}
