package io.freehub.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the same PostgreSQL does for one connection that updates the reported properties of the same rows, in a table of the
 * same shape with the same indexes: one statement and one transaction for each batch, nothing around it.
 */
final class RawTwins {

    /** Columns that are not made of others. */
    private static final String COLUMNS =
            "id, generation, version, writes, tags, desired, desired_metadata, desired_version, reported,"
                    + " reported_metadata, reported_version, watcher_gateway, watcher_session";

    private static final String UPDATE = """
            update bench_twin t set version = version + 1, reported = r.reported, reported_metadata = r.metadata,
                                    reported_version = reported_version + 1
            from unnest(?::text[], ?::text[], ?::text[]) as r(id, reported, metadata)
            where t.id = r.id collate "C"
            """;

    private static final String METADATA = """
            {"$lastUpdated":"%1$s","temperature":{"$lastUpdated":"%1$s"},"battery":{"$lastUpdated":"%1$s"},\
            "telemetryConfig":{"$lastUpdated":"%1$s","status":{"$lastUpdated":"%1$s"},"count":{"$lastUpdated":"%1$s"}}}""";

    private final Connection database;
    private final int batch;

    RawTwins(Connection database, int batch) {
        this.database = database;
        this.batch = batch;
    }

    /** Rows updated a second. */
    double run(List<Device> devices, Duration warmUp, Duration period) throws SQLException {
        try (var statement = database.createStatement()) {
            statement.execute("create table bench_twin (like twin including all)");
            statement.execute("insert into bench_twin (" + COLUMNS + ") select " + COLUMNS + " from twin");
            statement.execute("analyze bench_twin");
        }
        database.setAutoCommit(false);
        try (var update = database.prepareStatement(UPDATE)) {
            int next = 0;
            int sequence = 0;
            long start = System.nanoTime() + warmUp.toNanos();
            long updated = 0;
            while (System.nanoTime() < start + period.toNanos()) {
                var ids = new ArrayList<@Nullable String>();
                var reported = new ArrayList<@Nullable String>();
                var metadata = new ArrayList<@Nullable String>();
                for (int i = 0; i < Math.min(batch, devices.size()); i++) {
                    ids.add(devices.get(next).id().value());
                    reported.add(TwinExchange.patch(sequence++));
                    metadata.add(METADATA.formatted("2026-08-15T09:07:%02d.123Z".formatted(sequence % 60)));
                    next = (next + 1) % devices.size();
                }
                int column = 1;
                for (var values : List.of(ids, reported, metadata)) {
                    update.setArray(column++, database.createArrayOf("text", values.toArray()));
                }
                if (update.executeUpdate() != ids.size()) {
                    throw new BenchmarkException("not every device has a twin");
                }
                database.commit();
                updated += System.nanoTime() < start ? 0 : ids.size();
            }
            return updated / ((System.nanoTime() - start) / 1e9);
        } finally {
            database.setAutoCommit(true);
            try (var statement = database.createStatement()) {
                statement.execute("drop table bench_twin");
            }
        }
    }
}
