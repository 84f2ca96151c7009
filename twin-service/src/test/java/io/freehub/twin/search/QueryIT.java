package io.freehub.twin.search;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceStatus;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityDescription;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.RegistryEvent;
import io.freehub.query.QueryParser;
import io.freehub.testing.TestPostgres;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinServiceTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries as back ends send them. Other tests leave twins behind: each asks for its own. */
@TwinServiceTest
class QueryIT {

    private static final AtomicInteger ORDINALS = new AtomicInteger(1000);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    TwinSearch search;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final String id = BackEnd.newId();
    private final GatewayInstance gateway = new GatewayInstance(ORDINALS.incrementAndGet(), 1);
    private BackEnd service;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
    }

    // Rows.

    @Test
    void wholeTwinIsAsItIsReadAlone() {
        var device = IdentityId.parse(id + "-a");
        var generation = registry.addAndTell(device);
        service.patch("/twins/" + device, "{\"tags\":{\"n\":[1.0,1e21]},\"properties\":{\"desired\":{\"x\":1.50}}}");
        opened(device, generation, "s1", Optional.of("dtmi:com:example:Boiler;1"));

        var twin = await().until(() -> service.get("/twins/" + device), answer -> answer.text("/modelId")
                .equals("dtmi:com:example:Boiler;1"));
        var answer = await().until(
                        () -> query("  select   *\n from\tdevices where deviceId = '" + device + "'"),
                        rows -> rows.body().contains("Connected") && rows.body().contains("in repair"));

        assertThat(answer.header("x-ms-item-type")).isEqualTo("Twin");
        assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("application/json; charset=utf-8");
        assertThat(answer.response().headers().firstValue("x-ms-continuation")).isEmpty();
        assertThat(answer.body()).isEqualTo("[" + twin.body() + "]");
        assertThat(answer.body()).contains("\"n\":[1.0,1e21]", "\"x\":1.50", "\"deviceScope\":");
    }

    @Test
    void projectionHasCanonicalKeysAndAliasesAndLeavesOutWhatIsNotThere() {
        device("a", "{\"tags\":{\"a\":1.0,\"b\":{\"c\":2}}}");

        assertThat(rows("SELECT DeviceId, LastActivityTime FROM devices WHERE deviceId = '" + id + "-a'"))
                .isEqualTo("[{\"deviceId\":\"" + id + "-a\",\"lastActivityTime\":\"0001-01-01T00:00:00Z\"}]");
        var answer = query("SELECT deviceId AS Id, deviceId X, tags.a, tags.b, tags.nothing, statusUpdatedTime,"
                + " properties.desired.$version AS v FROM devices WHERE deviceId = '" + id + "-a'");
        assertThat(answer.body())
                .isEqualTo("[{\"Id\":\"" + id + "-a\",\"X\":\"" + id + "-a\",\"a\":1.0,\"b\":{\"c\":2},\"v\":1}]");
        assertThat(answer.header("x-ms-item-type")).isEqualTo("Raw");
    }

    // Conditions.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tags.a = 1 | n",
                "tags.a = '1' | s",
                "tags.a = 0x1 AND tags.[[group]].name = \"\\u0041\" /* with all */ | n",
                "tags.A = 1 |",
                "tags.a != 1 | s",
                "NOT is_defined(tags.a) OR tags.a != 1 | e,s",
                "is_defined(tags.a) | n,s",
                "tags.a IN [1, 2] | n",
                "tags.a NIN [1, 2] | s",
                "STATUS = 'disabled' | e,n,s",
                "status = 'Disabled' |",
                "capabilities.iotEdge = true | e,n,s",
                "array_contains(parentScopes, 'ms-azure-iot-edge://p-1') | e,n,s",
                "array_contains(parentScopes, 'ms-azure-iot-edge://p-2') |",
                "properties.desired.$version = properties.desired.x | n",
                "properties.desired.$metadata.x.$lastUpdated > '2020' | n",
                "properties.desired.$metadata.x.$lastUpdatedVersion = 2 | n",
                "configurations.[[fw-channel]].status = 'Applied' | n",
                "is_defined(configurations.[[fw-channel]]) | n,s",
                "statusUpdateTime > '2016-09-01' AND statusUpdateTime < '2026-08-15T11:00:01.5+02:00' | e,n,s",
                "lastActivityTime > '2016-09-01' |",
                "modelId = '' AND connectionState = 'Disconnected' | e,n,s",
                "x509Thumbprint.primaryThumbprint = null | e,n,s",
                "cloudToDeviceMessageCount > 0 |",
                "version = 3 AND etag = 'AAAAAAAAAAI=' | n,s",
                "tags.missing = 1 OR true | e,n,s",
                "NOT (tags.missing = 1) |",
            })
    void conditionSelects(String condition, String expected) throws SQLException {
        device("n", "{\"tags\":{\"a\":1,\"group\":{\"name\":\"A\"}},\"properties\":{\"desired\":{\"x\":2}}}");
        device("s", "{\"tags\":{\"a\":\"1\"}}");
        device("e", "");
        configured("n", "Applied");
        configured("s", "Targeted");

        var found = new ArrayList<String>();
        query("SELECT deviceId FROM devices WHERE startswith(devices.deviceId, '" + id + "-') AND (" + condition + ")")
                .json()
                .forEach(row -> found.add(row.path("deviceId").asText().substring(id.length() + 1)));

        assertThat(found).isEqualTo(expected == null ? List.of() : List.of(expected.split(",")));
    }

    @Test
    void modulesAreFoundByTheirDevicesAndTheirOwnIds() {
        var device = device("a", "");
        for (var module : List.of("m", "$edgeAgent")) {
            var identity = IdentityId.parse(device + "/" + module);
            registry.addAndTell(identity);
            awaitDescribed(identity);
        }

        assertThat(rows("SELECT deviceId, moduleId FROM devices.modules WHERE devices.deviceId = '" + device + "'"))
                .isEqualTo(
                        "[{\"deviceId\":\"%s\",\"moduleId\":\"$edgeAgent\"},{\"deviceId\":\"%s\",\"moduleId\":\"m\"}]"
                                .formatted(device, device));
        var answer = query("SELECT * FROM devices.modules WHERE moduleId = 'm' AND deviceId IN ['" + device + "']");
        assertThat(answer.header("x-ms-item-type")).isEqualTo("Twin");
        assertThat(answer.body())
                .isEqualTo("[" + service.get("/twins/" + device + "/modules/m").body() + "]");
        assertThat(rows("SELECT deviceId FROM devices WHERE startswith(deviceId, '" + id + "')"))
                .isEqualTo("[{\"deviceId\":\"" + device + "\"}]");
    }

    // Figures.

    @Test
    void figuresOfAllAndOfGroups() {
        device("a", "{\"tags\":{\"site\":\"x\",\"t\":1.5}}");
        device("b", "{\"tags\":{\"site\":\"x\",\"t\":2}}");
        device("c", "{\"tags\":{\"t\":3}}");
        var ours = " FROM devices WHERE startswith(deviceId, '" + id + "')";

        var count = query("SELECT COUNT() AS n" + ours);
        assertThat(count.body()).isEqualTo("[{\"n\":3}]");
        assertThat(count.header("x-ms-item-type")).isEqualTo("Raw");
        assertThat(rows("SELECT COUNT() AS n FROM devices WHERE deviceId = 'nobody'"))
                .isEqualTo("[{\"n\":0}]");
        var groups = "SELECT tags.site AS site, COUNT() AS n, SUM(tags.t) AS t" + ours + " GROUP BY tags.site";
        assertThat(query(groups).json())
                .containsExactlyInAnyOrder(json("{\"site\":\"x\",\"n\":2,\"t\":3.5}"), json("{\"n\":1,\"t\":3}"));
        assertThat(pages(groups, 1)).hasSize(2).allSatisfy(page -> assertThat(page)
                .hasSize(1));
    }

    // Pages.

    @Test
    void pagesHaveEachRowOnceThoughDevicesComeAndGo() {
        IntStream.range(0, 5).forEach(i -> device("b" + i, "{\"tags\":{\"of\":\"" + id + "\"}}"));
        var text = "SELECT deviceId FROM devices WHERE tags.of = '" + id + "'";

        assertThat(pages(text, 2)).extracting(JsonNode::size).containsExactly(2, 2, 1);

        var first = query(text, 2, Optional.empty());
        device("a", "{\"tags\":{\"of\":\"" + id + "\"}}");
        device("b11", "{\"tags\":{\"of\":\"" + id + "\"}}");
        end(IdentityId.parse(id + "-b1"));
        var second = query(text, 2, next(first));
        assertThat(ids(second)).containsExactly("b11", "b2");
        var third = query(text, 2, next(second));
        assertThat(ids(third)).containsExactly("b3", "b4");
        assertThat(next(third)).isEmpty();
    }

    @Test
    void pagesOfOneAreNeverEmpty() {
        IntStream.range(0, 3).forEach(i -> device("" + i, ""));

        assertThat(pages("SELECT * FROM devices WHERE startswith(id, '" + id + "')", 1))
                .hasSize(3)
                .allSatisfy(page -> assertThat(page).hasSize(1));
    }

    @Test
    void topCountsOverPages() {
        IntStream.range(0, 5).forEach(i -> device("" + i, ""));
        var text = " deviceId FROM devices WHERE startswith(deviceId, '" + id + "')";

        assertThat(pages("SELECT TOP 3" + text, 2)).extracting(JsonNode::size).containsExactly(2, 1);
        assertThat(pages("SELECT TOP 2" + text, 2)).extracting(JsonNode::size).containsExactly(2);
    }

    /** The metadata of many short properties is many times longer than those. */
    @Test
    void pageEndsWithFourMebibytes() {
        var many = IntStream.range(0, 2600).mapToObj(i -> "\"" + i + "\":1").collect(joining(",", "{", "}"));
        for (int i = 0; i < 40; i++) {
            device("" + i, "{\"properties\":{\"desired\":" + many + "}}");
        }
        var text = "SELECT * FROM devices WHERE startswith(deviceId, '" + id + "-')";

        var first = query(text, 1000, Optional.empty());
        var second = query(text, 1000, next(first));

        int row = first.body().length() / first.json().size();
        assertThat(first.body().length()).isBetween(4 << 20, (4 << 20) + 2 * row);
        assertThat(first.json().size() + second.json().size()).isEqualTo(40);
        assertThat(ids(first)).doesNotContainAnyElementsOf(ids(second));
        assertThat(next(second)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'', n1;n2;ta;tb;e;o", "DESC, n2;n1;tb;ta;e;o"})
    void orderHoldsOverPages(String direction, String expected) {
        device("o", "{\"tags\":{\"v\":true}}");
        device("e", "");
        device("tb", "{\"tags\":{\"v\":\"b\"}}");
        device("ta", "{\"tags\":{\"v\":\"a\"}}");
        device("n2", "{\"tags\":{\"v\":1.5e1}}");
        device("n1", "{\"tags\":{\"v\":2}}");
        var text = "SELECT deviceId FROM devices WHERE startswith(deviceId, '" + id + "') ORDER BY tags.v " + direction;

        var found = new ArrayList<String>();
        pages(text, 1)
                .forEach(page -> found.add(page.get(0).path("deviceId").asText().substring(id.length() + 1)));

        assertThat(found).containsExactly(expected.split(";"));
    }

    @Test
    void sizeThatIsNoneIsPassedOver() {
        device("a", "");
        for (var size : List.of("abc", "0", "-1", "5000")) {
            assertThat(service.post(
                                    "/devices%2Fquery",
                                    body("SELECT deviceId FROM devices WHERE deviceId = '" + id + "-a'"),
                                    "x-ms-max-item-count",
                                    size,
                                    "Content-Type",
                                    "application/json")
                            .json())
                    .hasSize(1);
        }
    }

    @Test
    void tokenThatIsNoneOfTheQueryIsRefused() {
        device("a", "");
        device("b", "");
        var text = "SELECT deviceId FROM devices WHERE startswith(deviceId, '" + id + "')";
        var token = next(query(text, 1, Optional.empty())).orElseThrow();

        assertThat(token).matches("[A-Za-z0-9_-]{1,8192}");
        for (var bad : List.of("x", "AAAA", token.substring(1), token + "AA", "%", "1".repeat(9000))) {
            var answer = query(text, 1, Optional.of(bad));
            assertThat(answer.status()).as(bad).isEqualTo(400);
            assertThat(answer.text("/Message")).startsWith("ErrorCode:ArgumentInvalid;BadRequest");
        }
        assertThat(query(text + " ", 1, Optional.of(token)).status()).isEqualTo(400);
    }

    // What is counted.

    @Test
    void pagesAreCountedWithTheirBytes() {
        device("a", "{\"tags\":{\"a\":\"é\"}}");
        double succeeded = metric("freehub_twin_queries_total{result=\"success\"");
        double failed = metric("freehub_twin_queries_total{result=\"failure\"");
        double bytes = metric("freehub_twin_query_bytes_total");

        var body = rows("SELECT tags.a FROM devices WHERE deviceId = '" + id + "-a'");
        query("SELEC nonsense");

        assertThat(body).isEqualTo("[{\"a\":\"é\"}]");
        assertThat(metric("freehub_twin_queries_total{result=\"success\"")).isEqualTo(succeeded + 1);
        assertThat(metric("freehub_twin_queries_total{result=\"failure\"")).isEqualTo(failed + 1);
        assertThat(metric("freehub_twin_query_bytes_total")).isEqualTo(bytes + 12);
    }

    private double metric(String start) {
        return service.get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(start))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    // What others in the service search.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT * FROM devices WHERE %s | 3",
                "SELECT deviceId FROM devices WHERE %s AND tags.n > 1 | 2",
                "SELECT TOP 2 deviceId FROM devices WHERE %s ORDER BY tags.n | 2",
                "SELECT deviceId FROM devices WHERE %s AND tags.n > 9 | 0",
                "SELECT deviceId FROM devices.modules WHERE %s | 1",
                "SELECT COUNT() AS n FROM devices WHERE %s | 1",
                "SELECT COUNT() AS n FROM devices WHERE %s AND tags.n > 9 | 1",
                "SELECT tags.even, COUNT() AS n FROM devices WHERE %s GROUP BY tags.even | 2",
                "SELECT TOP 1 tags.even FROM devices WHERE %s GROUP BY tags.even | 1",
                "SELECT tags.even FROM devices WHERE %s AND tags.n > 9 GROUP BY tags.even | 0"
            })
    void countIsThatOfTheRows(String text, long count) {
        device("1", "{\"tags\":{\"n\":1,\"even\":false}}");
        device("2", "{\"tags\":{\"n\":2,\"even\":true}}");
        device("3", "{\"tags\":{\"n\":3,\"even\":false}}");
        var module = IdentityId.parse(id + "-1/m");
        registry.addAndTell(module);
        awaitDescribed(module);
        var query = text.formatted("startswith(deviceId, '" + id + "-')");

        assertThat(query(query).json()).hasSize((int) count);
        assertThat(search.count(QueryParser.parse(query)).await().atMost(Duration.ofSeconds(10)))
                .isEqualTo(count);
    }

    // What is refused.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELEC nonsense",
                "",
                "SELECT tags.site, COUNT() AS n FROM devices",
                "SELECT jobId FROM devices.jobs",
                "SELECT * FROM devices WHERE tags.a = ",
                "SELECT * FROM devices WHERE unknown(tags.a)"
            })
    void textThatIsNoQueryIsRefusedWithItsPlace(String text) {
        var answer = query(text);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
        assertThat(answer.text("/Message")).startsWith("ErrorCode:ArgumentInvalid;BadRequest: line 1, column ");
    }

    @Test
    void longTextAndMissingTextAreRefused() {
        assertThat(query("SELECT * FROM devices" + " ".repeat(8192)).status()).isEqualTo(400);
        assertThat(query("SELECT * FROM devices WHERE " + "(".repeat(4000) + "1" + ")".repeat(4000))
                        .status())
                .isEqualTo(400);
        for (var body : List.of("{}", "{\"query\":1}", "[]", "nothing")) {
            assertThat(service.post("/devices/query", body, "Content-Type", "application/json")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void onlyWhoMayReadTwinsMayQuery() {
        var answer = BackEnd.of(port, "registryReadWrite")
                .post("/devices/query", body("SELECT * FROM devices"), "Content-Type", "application/json");

        assertThat(answer.status()).isEqualTo(401);
    }

    // What is known beside twins.

    @Test
    void connectionEndsWithItsSessionAndWithItsGateway() {
        var device = IdentityId.parse(id + "-a");
        var generation = registry.addAndTell(device);
        awaitDescribed(device);
        var state = "SELECT connectionState FROM devices WHERE connectionState = 'Connected' AND deviceId = '" + device
                + "'";
        opened(device, generation, "s1", Optional.empty());
        awaitRows(state, "[{\"connectionState\":\"Connected\"}]");

        // The end of a session that another has displaced says nothing.
        opened(device, generation, "s2", Optional.empty());
        closed(device, "s1");
        opened(device, generation, "s3", Optional.of("dtmi:m;1"));
        awaitRows(
                "SELECT modelId FROM devices WHERE modelId = 'dtmi:m;1' AND deviceId = '" + device + "'",
                "[{\"modelId\":\"dtmi:m;1\"}]");
        assertThat(rows(state)).isNotEqualTo("[]");

        closed(device, "s3");
        awaitRows(state, "[]");
        assertThat(rows("SELECT lastActivityTime FROM devices WHERE deviceId = '" + device + "'"))
                .isEqualTo("[{\"lastActivityTime\":\"2026-08-15T09:00:02.000Z\"}]");

        opened(device, generation, "s4", Optional.empty());
        awaitRows(state, "[{\"connectionState\":\"Connected\"}]");
        var restarted = new GatewayInstance(gateway.ordinal(), gateway.incarnation() + 1);
        registry.tell(new ConnectionEvent.GatewayAlive(restarted, Instant.now()), device.device());
        awaitRows(state, "[]");
    }

    @Test
    void silentGatewayHasNoConnections() {
        var device = IdentityId.parse(id + "-a");
        var generation = registry.addAndTell(device);
        awaitDescribed(device);
        registry.tell(
                new ConnectionEvent.Opened(
                        device,
                        "s1",
                        Optional.of("" + generation),
                        Optional.empty(),
                        gateway,
                        Instant.now().minusSeconds(31)),
                device.device());

        awaitRows(
                "SELECT connectionState FROM devices WHERE NOT lastActivityTime < '2000' AND deviceId = '" + device
                        + "'",
                "[{\"connectionState\":\"Disconnected\"}]");
    }

    @Test
    void earlierVersionsAndLivesSayNothing() {
        var device = IdentityId.parse(id + "-a");
        var generation = registry.addAndTell(device);
        awaitDescribed(device);
        var enabled = described(DeviceStatus.ENABLED);
        registry.tell(updated(device, generation, 3, enabled));
        registry.tell(updated(device, generation, 2, FakeRegistry.DESCRIPTION));
        registry.tell(updated(device, generation - 1, 9, FakeRegistry.DESCRIPTION));
        opened(device, generation - 1, "s1", Optional.empty());
        // What is told of a module stands behind all that was told of its device.
        var marker = IdentityId.of(device.device(), new ModuleId("m"));
        opened(marker, registry.addAndTell(marker), "s2", Optional.empty());
        awaitDescribed(marker);
        awaitRows(
                "SELECT connectionState FROM devices.modules WHERE deviceId = '" + device + "'",
                "[{\"connectionState\":\"Connected\"}]");

        assertThat(rows("SELECT status, connectionState FROM devices WHERE deviceId = '" + device + "'"))
                .isEqualTo("[{\"status\":\"enabled\",\"connectionState\":\"Disconnected\"}]");
        end(device);
    }

    private static IdentityDescription described(DeviceStatus status) {
        var as = FakeRegistry.DESCRIPTION;
        return new IdentityDescription(
                as.etag(),
                status,
                as.statusReason(),
                as.statusUpdatedAt(),
                as.authentication(),
                as.primaryThumbprint(),
                as.secondaryThumbprint(),
                as.iotEdge(),
                as.deviceScope(),
                as.parentScopes());
    }

    private static RegistryEvent updated(
            IdentityId device, long generation, long version, IdentityDescription description) {
        return new RegistryEvent.Updated(
                device,
                Long.toString(generation),
                version,
                description.status(),
                Optional.of(description),
                Instant.now());
    }

    private void opened(IdentityId device, long generation, String session, Optional<String> model) {
        registry.tell(new ConnectionEvent.GatewayAlive(gateway, Instant.now()), device.device());
        registry.tell(
                new ConnectionEvent.Opened(
                        device,
                        session,
                        Optional.of(Long.toString(generation)),
                        model,
                        gateway,
                        Instant.parse("2026-08-15T09:00:02Z")),
                device.device());
    }

    private void closed(IdentityId device, String session) {
        registry.tell(new ConnectionEvent.Closed(device, session, gateway, "bye", Instant.now()), device.device());
    }

    /** A device of this test with what the write leaves; it is known with all that belongs to it. */
    private IdentityId device(String name, String write) {
        var device = IdentityId.of(new DeviceId(id + "-" + name));
        registry.addAndTell(device);
        awaitDescribed(device);
        if (!write.isEmpty()) {
            assertThat(service.patch("/twins/" + device, write).status()).isEqualTo(200);
        }
        return device;
    }

    private void end(IdentityId device) {
        registry.remove(device);
        registry.tellDeleted(device, registry.nextGeneration());
        awaitRows("SELECT * FROM devices WHERE deviceId = '" + device + "'", "[]");
    }

    private void awaitDescribed(IdentityId identity) {
        var source = identity.isModule() ? "devices.modules" : "devices";
        var module = identity.module()
                .map(m -> " AND moduleId = '" + m.value() + "'")
                .orElse("");
        await().until(() -> query("SELECT status FROM " + source + " WHERE is_defined(status) AND deviceId = '"
                                + identity.device() + "'" + module)
                        .json()
                        .size()
                == 1);
    }

    private void configured(String name, String status) throws SQLException {
        try (var connection = TestPostgres.database(TwinServiceTest.DATABASE).connect();
                var insert = connection.prepareStatement(
                        "insert into twin_configuration (id, device, configuration, created_at, rollout, status)"
                                + " select id, device_id, 'fw-channel', now(), 1, ? from twin where id = ?")) {
            insert.setString(1, status);
            insert.setString(2, id + "-" + name);
            assertThat(insert.executeUpdate()).isEqualTo(1);
        }
    }

    private void awaitRows(String text, String expected) {
        await().untilAsserted(() -> assertThat(rows(text)).isEqualTo(expected));
    }

    private String rows(String text) {
        var answer = query(text);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private List<String> ids(BackEnd.Answer answer) {
        var ids = new ArrayList<String>();
        answer.json().forEach(row -> ids.add(row.path("deviceId").asText().substring(id.length() + 1)));
        return ids;
    }

    private List<JsonNode> pages(String text, int size) {
        var pages = new ArrayList<JsonNode>();
        var token = Optional.<String>empty();
        do {
            var answer = query(text, size, token);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            pages.add(answer.json());
            token = next(answer);
        } while (token.isPresent());
        return pages;
    }

    private static Optional<String> next(BackEnd.Answer answer) {
        return answer.response().headers().firstValue("x-ms-continuation");
    }

    private BackEnd.Answer query(String text) {
        return service.post("/devices/query", body(text), "Content-Type", "application/json; charset=utf-8");
    }

    private BackEnd.Answer query(String text, int size, Optional<String> token) {
        var headers = new ArrayList<>(List.of("Content-Type", "application/json", "x-ms-max-item-count", "" + size));
        token.ifPresent(sent -> headers.addAll(List.of("x-ms-continuation", sent)));
        return service.post("/devices/query", body(text), headers.toArray(String[]::new));
    }

    private static String body(String text) {
        return new ObjectMapper().createObjectNode().put("query", text).toString();
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
