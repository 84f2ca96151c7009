package io.freehub.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** The parts of the benchmark, one after the other on the same hub. */
final class TelemetryBenchmark {

    private final HubUnderTest hub;
    private final Settings settings;
    private final List<Device> devices;
    private final LoadGenerator generator;
    private final EventsCheck events;
    private final Consumer<String> progress;

    TelemetryBenchmark(
            HubUnderTest hub,
            Settings settings,
            List<Device> devices,
            LoadGenerator generator,
            EventsCheck events,
            Consumer<String> progress) {
        this.hub = hub;
        this.settings = settings;
        this.devices = devices;
        this.generator = generator;
        this.events = events;
        this.progress = progress;
    }

    enum Part {
        /** As fast as it goes, TLS and plain. */
        CLOSED,
        /** Latency at a given rate. */
        OPEN,
        /** Connects, and memory of idle connections. */
        CONNECT,
        /** Busy devices against a cold gateway. */
        STORM,
        /** Few active devices against many. */
        SCALE,
        /** A plain producer on the same broker: as fast as it goes, and at the rate of the open loop. */
        KAFKA
    }

    record Settings(
            Set<Part> parts,
            LoadGenerator.Protocol protocol,
            int connections,
            int window,
            double rate,
            int size,
            Duration warmUp,
            Duration period,
            boolean tls,
            boolean plain,
            int idleConnections,
            int parallelConnects,
            int activeFew,
            int activeMany,
            double activeRate) {

        Settings {
            parts = parts.isEmpty() ? EnumSet.allOf(Part.class) : EnumSet.copyOf(parts);
        }

        /** So many devices the parts need at most. */
        int devices() {
            int most = connections;
            if (parts.contains(Part.CONNECT)) {
                most = Math.max(most, warmConnects() + idleConnections);
            }
            if (parts.contains(Part.SCALE)) {
                most = Math.max(most, activeMany);
            }
            return most;
        }

        /** Connects before those that count: code is compiled, pools are filled. */
        int warmConnects() {
            return Math.max(100, idleConnections / 4);
        }
    }

    Results run() {
        var loads = new ArrayList<Results.Load>();
        for (var door : doors()) {
            if (settings.parts().contains(Part.CLOSED)) {
                loads.add(closedLoop(door));
            }
            if (settings.parts().contains(Part.OPEN)) {
                loads.add(openLoop(door));
            }
        }
        var connects = part(Part.CONNECT, () -> connects(doors().getFirst()));
        var scale = part(Part.SCALE, () -> scale(doors().getFirst()));
        var rawKafka = part(Part.KAFKA, this::rawKafka);
        var storm = part(Part.STORM, () -> storm(doors().getFirst()));
        return new Results(MachineFacts.read(), loads, connects, storm, scale, rawKafka);
    }

    private record NamedDoor(String name, Door door) {}

    private List<NamedDoor> doors() {
        var doors = new ArrayList<NamedDoor>();
        if (settings.tls()) {
            doors.add(new NamedDoor(named("TLS"), hub.tls(settings.protocol())));
        }
        if (settings.plain()) {
            doors.add(new NamedDoor(named("plain"), hub.plain(settings.protocol())));
        }
        return doors;
    }

    private String named(String door) {
        return settings.protocol().name().toUpperCase(Locale.ROOT) + ", " + door;
    }

    private interface Measurement<T> {
        T make();
    }

    private <T> Optional<T> part(Part part, Measurement<T> measurement) {
        return settings.parts().contains(part) ? Optional.of(measurement.make()) : Optional.empty();
    }

    private Results.Load closedLoop(NamedDoor door) {
        var title = "closed loop, %,d connections × %d in flight, %s"
                .formatted(settings.connections(), settings.window(), door.name());
        progress.accept(title);
        return load(title, door, settings.connections(), new Workload.ClosedLoop(settings.window()));
    }

    private Results.Load openLoop(NamedDoor door) {
        var title = "open loop, %,d connections, %,.0f/s, %s"
                .formatted(settings.connections(), settings.rate(), door.name());
        progress.accept(title);
        return load(title, door, settings.connections(), new Workload.OpenLoop(settings.rate()));
    }

    private Results.Load load(String title, NamedDoor door, int connections, Workload workload) {
        events.startHere();
        try (var fleet = connect(door, devices.subList(0, connections), workload, settings.parallelConnects())) {
            return load(title, fleet.requireWhole(), workload);
        }
    }

    private Fleet connect(NamedDoor door, List<Device> some, Workload workload, int parallel) {
        long run = ThreadLocalRandom.current().nextLong();
        return generator.connect(
                settings.protocol(), hub.host(), door.door(), some, workload, settings.size(), run, parallel);
    }

    /** Warm-up, the measured period, then the check of everything that was sent, warm-up included. */
    private Results.Load load(String title, Fleet fleet, Workload workload) {
        if (workload instanceof Workload.OpenLoop(double messagesPerSecond)) {
            fleet.startOpenLoop(messagesPerSecond);
        }
        HubUnderTest.pause(settings.warmUp());
        var cpu = ProcessCpu.sample(hub.processes());
        long written = events.written();
        fleet.reset();
        long start = System.nanoTime();
        HubUnderTest.pause(settings.period());
        var measured = fleet.measured();
        double seconds = (System.nanoTime() - start) / 1e9;
        var used = ProcessCpu.sample(hub.processes()).since(cpu);
        written = events.written() - written;
        boolean whole = fleet.stopSending();
        var checked = events.check(fleet.run(), fleet.acknowledged());
        if (!whole) {
            progress.accept("some messages were never acknowledged");
        }
        return new Results.Load(
                title,
                measured.acknowledged() / seconds,
                measured.acknowledged(),
                Results.Latency.of(measured.latency()),
                used.microsPer(measured.acknowledged()),
                (double) written / Math.max(1, measured.acknowledged()),
                fleet.losses().size(),
                checked);
    }

    private Results.Connects connects(NamedDoor door) {
        int warm = settings.warmConnects();
        int count = settings.idleConnections();
        var title = "%,d connects, %d at a time, %s".formatted(count, settings.parallelConnects(), door.name());
        progress.accept(title);
        try (var first = connect(door, devices.subList(0, warm), new Workload.Idle(), settings.parallelConnects())) {
            first.requireWhole();
            var before = GatewayMemory.of(hub.gateway());
            var cpu = ProcessCpu.sample(hub.processes());
            long start = System.nanoTime();
            try (var fleet = connect(
                    door, devices.subList(warm, warm + count), new Workload.Idle(), settings.parallelConnects())) {
                double seconds = (System.nanoTime() - start) / 1e9;
                var used = ProcessCpu.sample(hub.processes()).since(cpu);
                fleet.requireWhole();
                var memory = GatewayMemory.of(hub.gateway()).each(before, count);
                return new Results.Connects(title, count / seconds, used.microsPer(count), memory);
            }
        }
    }

    private Results.Scale scale(NamedDoor door) {
        return new Results.Scale(
                active(door, settings.activeFew()),
                active(door, settings.activeMany()),
                active(door, settings.activeFew()));
    }

    private Results.Load active(NamedDoor door, int count) {
        var title = "%,d active devices, %,.0f/s, %s".formatted(count, settings.activeRate(), door.name());
        progress.accept(title);
        return load(title, door, count, new Workload.OpenLoop(settings.activeRate()));
    }

    private Results.Storm storm(NamedDoor door) {
        int count = settings.connections();
        var title = "storm of %,d busy devices on a cold gateway, %s".formatted(count, door.name());
        progress.accept(title);
        hub.restartGateway();
        events.startHere();
        var workload = new Workload.ClosedLoop(settings.window());
        long start = System.nanoTime();
        try (var fleet = connect(door, devices.subList(0, count), workload, count)) {
            double seconds = (System.nanoTime() - start) / 1e9;
            var load = load(title, fleet, workload);
            var reasons = new ArrayList<>(fleet.refusals());
            reasons.addAll(fleet.losses());
            return new Results.Storm(
                    count,
                    seconds,
                    fleet.refusals().size(),
                    fleet.losses().size(),
                    reasons.stream().distinct().limit(5).toList(),
                    load);
        }
    }

    private Results.RawKafka rawKafka() {
        progress.accept("plain Kafka producer, acks=all");
        return new RawKafka(hub, settings.size(), settings.connections() * settings.window())
                .run(settings.warmUp(), settings.period(), settings.rate());
    }
}
