package io.freehub.benchmarks;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench queries}. */
@Command(
        name = "queries",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures queries over many twins of about 1 KB, which it writes straight into the database: the first page of",
            "selective and unselective ones, paging, figures of all; and what an update of reported properties costs the",
            "database with and without the indexes that queries need. Needs Linux."
        })
final class QueriesCommand implements Callable<Integer> {

    private static final int TIMES = 5;
    private static final int PAGES = 50;
    private static final int UPDATES = 20_000;
    private static final String CONTINUATION = "x-ms-continuation";

    private static final String TWINS = """
            insert into twin (id, generation, version, writes, tags, desired, desired_metadata, desired_version, reported,
                              reported_metadata, reported_version)
            select 'bench-' || lpad(i::text, 7, '0'), 1, 4, 3,
                   json_build_object('site', 'site-' || (i * 7919 %% 1000), 'building', i %% 12, 'location',
                       json_build_object('region', 'region-' || i %% 4, 'plant', 'plant-' || i %% 50),
                       'serial', 'SN' || i * 31 %% 1000003)::text,
                   '{"interval":60,"firmware":{"channel":"stable","version":"1.' || i %% 20 || '.0"}}',
                   '{"$lastUpdated":"2026-08-15T09:07:36.123Z","$lastUpdatedVersion":2,"interval":'
                       || '{"$lastUpdated":"2026-08-15T09:07:36.123Z","$lastUpdatedVersion":2},"firmware":'
                       || '{"$lastUpdated":"2026-08-15T09:07:36.123Z","$lastUpdatedVersion":2}}',
                   2,
                   '{"firmware":{"version":"1.' || i * 13 %% 20 || '.0","build":' || i %% 5000
                       || '},"telemetryConfig":{"status":"' || (array ['Success','Pending','Failed'])[1 + i %% 3]
                       || '"},"battery":' || i %% 100 || ',"temperature":' || (i * 17 %% 700) / 10.0
                       || case when i %% 10000 = 77 then ',"rare":true' else '' end || '}',
                   '{"$lastUpdated":"2026-08-15T09:07:36.123Z","firmware":{"$lastUpdated":"2026-08-15T09:07:36.123Z"},'
                       || '"telemetryConfig":{"$lastUpdated":"2026-08-15T09:07:36.123Z"},'
                       || '"battery":{"$lastUpdated":"2026-08-15T09:07:36.123Z"}}', 5
            from generate_series(0::bigint, %d) i""";

    private static final String IDENTITIES = """
            insert into twin_identity (id, generation, version, etag, status, authentication, edge)
            select id, 1, 1, 'MQ==', case when hashtext(id) %% 10000 = 0 then 'disabled' else 'enabled' end, 'sas',
                   hashtext(id) %% 1000 = 0 from twin""";

    private static final Map<String, String> FIRST_PAGES = new LinkedHashMap<>();

    static {
        var where = "SELECT * FROM devices WHERE ";
        FIRST_PAGES.put("all", "SELECT * FROM devices");
        FIRST_PAGES.put("a tag, 1 in 1,000", where + "tags.site = 'site-77'");
        FIRST_PAGES.put("a tag, none", where + "tags.site = 'nowhere'");
        FIRST_PAGES.put("a tag IN two", where + "tags.site IN ['site-77', 'site-78']");
        FIRST_PAGES.put("a tag, 1 in 4", where + "tags.location.region = 'region-1'");
        FIRST_PAGES.put("a property that 1 in 10,000 have", where + "is_defined(properties.reported.rare)");
        FIRST_PAGES.put("a property that all have", where + "is_defined(properties.reported.battery)");
        FIRST_PAGES.put("a tag and a number", where + "tags.site = 'site-77' AND properties.reported.battery < 30");
        FIRST_PAGES.put("one id", where + "deviceId = 'bench-0777777'");
        FIRST_PAGES.put("a beginning of ids", where + "startswith(deviceId, 'bench-07777')");
        FIRST_PAGES.put("disabled, 1 in 10,000", where + "status = 'disabled'");
        FIRST_PAGES.put("edge devices, 1 in 1,000", where + "capabilities.iotEdge = true");
        FIRST_PAGES.put("connected, none", where + "connectionState = 'Connected'");
        FIRST_PAGES.put("a number, no index helps, none", where + "properties.reported.battery > 1000");
        FIRST_PAGES.put("COUNT of all", "SELECT COUNT() AS n FROM devices");
        FIRST_PAGES.put("COUNT, a tag, 1 in 1,000", "SELECT COUNT() AS n FROM devices WHERE tags.site = 'site-77'");
        FIRST_PAGES.put(
                "GROUP BY of all",
                "SELECT properties.reported.telemetryConfig.status AS status, COUNT() AS n, "
                        + "AVG(properties.reported.temperature) AS t FROM devices"
                        + " GROUP BY properties.reported.telemetryConfig.status");
    }

    @Option(names = "--twins", paramLabel = "N", defaultValue = "1000000", description = "Default: ${DEFAULT-VALUE}")
    private int twins;

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    @Mixin
    private DatabaseOptions postgres = new DatabaseOptions();

    QueriesCommand() {}

    @Override
    public Integer call() throws IOException, SQLException {
        return own.measure(postgres, own.ports(), this::measure);
    }

    private int measure(HubUnderTest hub) throws IOException, SQLException {
        try (var api = new ServiceApi(hub);
                var database = postgres.connectToTwins(hub)) {
            Bench.tell("writing %,d twins".formatted(twins));
            fill(database, twins);
            System.out.printf("%,d twins%n", twins);
            FIRST_PAGES.forEach((name, text) -> measure(api, name, text));
            page(api);
            update(database);
        }
        return 0;
    }

    /** Writes so many twins, and that their devices exist. */
    static void fill(Connection database, int twins) throws SQLException {
        run(database, TWINS.formatted(twins - 1));
        run(database, IDENTITIES.formatted());
        run(database, "vacuum analyze twin");
        run(database, "vacuum analyze twin_identity");
    }

    private static void measure(ServiceApi api, String name, String text) {
        var times = new ArrayList<Double>();
        HttpResponse<String> answer = query(api, text, 100, Optional.empty());
        for (int i = 0; i < TIMES; i++) {
            long start = System.nanoTime();
            answer = query(api, text, 100, Optional.empty());
            times.add((System.nanoTime() - start) / 1e6);
        }
        times.sort(Double::compare);
        System.out.printf(
                "  %-34s %,8.1f ms, %,d bytes%s%n",
                name,
                times.get(TIMES / 2),
                answer.body().length(),
                answer.headers().firstValue(CONTINUATION).isPresent() ? ", and more" : "");
    }

    private static void page(ServiceApi api) {
        long start = System.nanoTime();
        var token = Optional.<String>empty();
        int pages = 0;
        do {
            token = query(api, "SELECT * FROM devices", 1000, token).headers().firstValue(CONTINUATION);
            pages++;
        } while (token.isPresent() && pages < PAGES);
        System.out.printf(
                "  %-34s %,8.0f twins/s%n", "pages of 1,000", pages * 1000 / ((System.nanoTime() - start) / 1e9));
    }

    /** Reported properties of so many twins, in one statement: it has no share in it of a client or of a commit. */
    private static void update(Connection database) throws SQLException {
        for (var indexes : List.of("with indexes", "without")) {
            if (indexes.equals("without")) {
                run(database, "drop index twin_tags, twin_desired, twin_reported");
            }
            long start = System.nanoTime();
            run(
                    database,
                    "update twin set reported = replace(reported, '\"battery\":', '\"battery\":1'), version = version + 1"
                            + " where id >= 'bench-0100000' and id < 'bench-" + "%07d'".formatted(100_000 + UPDATES));
            System.out.printf(
                    "  %-34s %,8.1f µs%n",
                    "a reported update, " + indexes, (System.nanoTime() - start) / 1e3 / UPDATES);
        }
    }

    private static HttpResponse<String> query(ServiceApi api, String text, int size, Optional<String> token) {
        var headers = new ArrayList<>(List.of("x-ms-max-item-count", Integer.toString(size)));
        token.ifPresent(next -> headers.addAll(List.of(CONTINUATION, next)));
        return api.answer("POST", "/devices/query", Map.of("query", text), headers.toArray(String[]::new));
    }

    private static void run(Connection database, String sql) throws SQLException {
        try (var statement = database.createStatement()) {
            statement.execute(sql);
        }
    }
}
