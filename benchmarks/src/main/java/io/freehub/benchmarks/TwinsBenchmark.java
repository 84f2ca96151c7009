package io.freehub.benchmarks;

import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The parts of the benchmark of twins, one after the other on the same hub. */
final class TwinsBenchmark {

    private static final String LINE = "  %-18s %s%n";

    private final HubUnderTest hub;
    private final Settings settings;
    private final List<Device> devices;
    private final LoadGenerator generator;
    private final ServiceApi api;
    private final RawTwins raw;

    /** Updates of each device that were answered in the whole run. */
    private final long[] answered;

    private double sustained;
    private boolean whole = true;

    TwinsBenchmark(
            HubUnderTest hub,
            Settings settings,
            List<Device> devices,
            LoadGenerator generator,
            ServiceApi api,
            RawTwins raw) {
        this.hub = hub;
        this.settings = settings;
        this.devices = devices;
        this.generator = generator;
        this.api = api;
        this.raw = raw;
        this.answered = new long[devices.size()];
    }

    enum Part {
        /** Reported properties, as fast as it goes. */
        CLOSED,
        /** Reported properties at a given rate. */
        OPEN,
        /** Desired properties, from the request of the back end to the device. */
        DESIRED,
        /** The same rows straight in PostgreSQL. */
        POSTGRES
    }

    record Settings(
            Set<Part> parts,
            int window,
            double rate,
            double desiredRate,
            Duration warmUp,
            Duration period,
            int parallel) {

        Settings {
            parts = parts.isEmpty() ? EnumSet.allOf(Part.class) : EnumSet.copyOf(parts);
        }
    }

    /** Whether every answered update counted, once. */
    boolean run() throws SQLException {
        if (settings.parts().contains(Part.CLOSED)) {
            var title = "reported, closed loop, %,d connections × %d in flight, TLS"
                    .formatted(devices.size(), settings.window());
            sustained = report(title, new Workload.ClosedLoop(settings.window()));
        }
        if (settings.parts().contains(Part.OPEN)) {
            var title = "reported, open loop, %,d connections, %,.0f/s, TLS".formatted(devices.size(), settings.rate());
            report(title, new Workload.OpenLoop(settings.rate()));
        }
        if (settings.parts().contains(Part.DESIRED)) {
            desired();
        }
        if (settings.parts().contains(Part.POSTGRES)) {
            postgres();
        }
        return check() && whole;
    }

    /** Updates a second. */
    private double report(String title, Workload workload) {
        Bench.tell(title);
        try (var fleet = connect(workload, false)) {
            if (workload instanceof Workload.OpenLoop(double updatesPerSecond)) {
                fleet.startOpenLoop(updatesPerSecond);
            }
            double rate = measure(title, "answered", "µs/update", fleet);
            whole &= fleet.stopSending() && fleet.losses().isEmpty();
            if (!whole) {
                Bench.tell("some updates were never answered " + fleet.losses());
            }
            var here = fleet.acknowledged();
            for (int i = 0; i < here.length; i++) {
                answered[i] += here[i];
            }
            return rate;
        }
    }

    private Fleet connect(Workload workload, boolean watching) {
        return generator
                .connectTwins(hub.host(), hub.tls(), devices, workload, watching, settings.parallel())
                .requireWhole();
    }

    /** Warm-up, then what is measured; how much of it in a second. */
    private double measure(String title, String what, String unit, Fleet fleet) {
        HubUnderTest.pause(settings.warmUp());
        var cpu = ProcessCpu.sample(hub.processes());
        fleet.reset();
        long start = System.nanoTime();
        HubUnderTest.pause(settings.period());
        var measured = fleet.measured();
        double seconds = (System.nanoTime() - start) / 1e9;
        var used = ProcessCpu.sample(hub.processes()).since(cpu);
        System.out.printf("%n%s%n", title);
        line(what, "%,.0f/s (%,d)".formatted(measured.acknowledged() / seconds, measured.acknowledged()));
        line("latency ms", Report.latency(Results.Latency.of(measured.latency())));
        line("CPU " + unit, Report.micros(used.microsPer(measured.acknowledged())));
        return measured.acknowledged() / seconds;
    }

    /** Patches go out at their rate, whether or not those before were answered. */
    private void desired() {
        var title = "desired, %,.0f patches/s over REST, %,d devices connected"
                .formatted(settings.desiredRate(), devices.size());
        Bench.tell(title);
        var sent = new AtomicLong();
        var failed = new AtomicLong();
        try (var fleet = connect(new Workload.Idle(), true)) {
            var sender = Thread.ofPlatform().name("patches").start(() -> patch(sent, failed));
            measure(title, "told", "µs/patch", fleet);
            sender.interrupt();
            join(sender);
            line("patches", "%,d sent in all, %,d failed".formatted(sent.get(), failed.get()));
            whole &= failed.get() == 0 && fleet.losses().isEmpty();
        }
    }

    private void patch(AtomicLong sent, AtomicLong failed) {
        long interval = (long) (1e9 / settings.desiredRate());
        long due = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(due - System.nanoTime());
                if (System.nanoTime() >= due) {
                    var device = devices.get((int) (sent.getAndIncrement() % devices.size()));
                    threads.execute(() -> patch(device, failed));
                    due += interval;
                }
            }
            Thread.interrupted(); // so that closing waits for the answers
        }
    }

    private void patch(Device device, AtomicLong failed) {
        try {
            var now = Map.of(TwinExchange.SENT_AT, System.nanoTime() / 1000);
            api.answer("PATCH", "/twins/" + device.id(), Map.of("properties", Map.of("desired", now)));
        } catch (BenchmarkException e) {
            if (failed.getAndIncrement() == 0) {
                Bench.tell("a patch failed: " + e.getMessage());
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", interrupted);
        }
    }

    private void postgres() throws SQLException {
        Bench.tell("the same rows in PostgreSQL");
        double rows = raw.run(devices, settings.warmUp(), settings.period());
        System.out.printf(
                "%nplain updates of the same rows, one connection, a statement and a transaction per batch%n");
        line("updated", "%,.0f/s".formatted(rows));
        if (sustained > 0) {
            line("hub : plain", "%.2f".formatted(sustained / rows));
        }
    }

    /** A twin begins with version 1 of its reported properties, and each update makes one more. */
    private boolean check() {
        long wrong = 0;
        long all = 0;
        for (int i = 0; i < devices.size(); i++) {
            long version = api.send("GET", "/twins/" + devices.get(i).id(), ServiceApi.NONE)
                    .at("/properties/reported/$version")
                    .asLong();
            all += answered[i];
            if (version != 1 + answered[i]) {
                wrong++;
            }
        }
        System.out.printf(
                "%nIn all: %,d updates answered; %,d of %,d twins have another version than they must%n",
                all, wrong, devices.size());
        return wrong == 0;
    }

    private static void line(String name, String value) {
        System.out.printf(LINE, name, value);
    }
}
