package io.freehub.benchmarks;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench configurations}. */
@Command(
        name = "configurations",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how a configuration reaches many devices and leaves them again, alone and beside others. Twins of about",
            "1 KB are written straight into the database. Needs Linux."
        })
final class ConfigurationsCommand implements Callable<Integer> {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Option(names = "--devices", paramLabel = "N", defaultValue = "50000", description = "Default: ${DEFAULT-VALUE}")
    private int devices;

    @Option(
            names = "--others",
            paramLabel = "N",
            defaultValue = "20",
            description = "Configurations that are there besides, in the second part. Default: ${DEFAULT-VALUE}")
    private int others;

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    @Mixin
    private DatabaseOptions postgres = new DatabaseOptions();

    ConfigurationsCommand() {}

    @Override
    public Integer call() throws IOException, SQLException {
        return own.measure(postgres, own.ports(), this::measure);
    }

    private int measure(HubUnderTest hub) throws IOException, SQLException {
        try (var api = new ServiceApi(hub);
                var database = postgres.connectToTwins(hub)) {
            Bench.tell("writing %,d twins".formatted(devices));
            QueriesCommand.fill(database, devices);
            System.out.printf("%,d devices%n", devices);
            round("alone, cold", hub, api, database);
            round("alone", hub, api, database);
            for (int i = 0; i < others; i++) {
                put(api, "other-" + i, "tags.site = 'nowhere-" + i + "'");
            }
            awaitRolledOut(database);
            round("beside %d others that match none".formatted(others), hub, api, database);
            for (int i = 0; i < others; i++) {
                put(api, "other-" + i, "tags.location.plant = 'plant-" + i + "'", "If-Match", "*");
            }
            awaitRolledOut(database);
            round("beside %d others, each of 1 in 50".formatted(others), hub, api, database);
        }
        return 0;
    }

    private static void awaitRolledOut(Connection database) {
        await(() -> one(database, "select count(*) from configuration_sweep") == 0);
    }

    /** Until all have it, and until none has it any more. */
    private void round(String name, HubUnderTest hub, ServiceApi api, Connection database) {
        System.out.printf("%n%s%n", name);
        measure("until all have it", hub, database, devices, () -> put(api, "bench", "is_defined(tags.serial)"));
        measure(
                "until none has it",
                hub,
                database,
                0,
                () -> put(api, "bench", "tags.serial = 'none'", "If-Match", "*"));
        api.delete("/configurations/bench");
        awaitRolledOut(database);
    }

    private void measure(String what, HubUnderTest hub, Connection database, long wanted, Runnable change) {
        var before = ProcessCpu.sample(hub.processes());
        long start = System.nanoTime();
        change.run();
        await(() -> one(
                        database,
                        "select count(*) from twin_configuration where configuration = 'bench' and status = 'Applied'")
                == wanted);
        double seconds = (System.nanoTime() - start) / 1e9;
        var used = ProcessCpu.sample(hub.processes()).since(before).microsPer(devices);
        System.out.printf(
                "  %-20s %,8.0f devices/s, in %.1f s; CPU µs/device: %s%n",
                what,
                devices / seconds,
                seconds,
                used.entrySet().stream()
                        .filter(process -> !process.getKey().equals(ProcessCpu.SELF))
                        .map(process -> "%s %.0f".formatted(process.getKey(), process.getValue()))
                        .collect(Collectors.joining("  ")));
        long told = one(database, "select count(*) from twin where desired like '%\"bench\"%'");
        if (told != wanted) {
            throw new BenchmarkException(told + " twins have the settings, not " + wanted);
        }
    }

    private static void put(ServiceApi api, String id, String condition, String... headers) {
        api.answer(
                "PUT",
                "/configurations/" + id,
                Map.of(
                        "content",
                        Map.of(
                                "deviceContent",
                                Map.of("properties.desired." + id, Map.of("channel", "stable", "interval", 60))),
                        "targetCondition",
                        condition,
                        "priority",
                        10),
                headers);
    }

    /** What a wait asks for. */
    @FunctionalInterface
    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new BenchmarkException("not done after " + PATIENCE);
            }
            HubUnderTest.pause(POLL);
        }
    }

    private static long one(Connection database, String sql) {
        try (var statement = database.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException failed) {
            throw new BenchmarkException("the database cannot be asked", failed);
        }
    }
}
