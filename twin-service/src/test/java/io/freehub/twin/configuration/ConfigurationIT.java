package io.freehub.twin.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.agroal.api.AgroalDataSource;
import io.freehub.model.IdentityId;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinServiceTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations as back ends write them, and what becomes of twins. */
@TwinServiceTest
class ConfigurationIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    AgroalDataSource dataSource;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final String id = "c" + device.toString().substring(2, 14);
    private final String path = "/configurations/" + id;
    private final List<String> made = new ArrayList<>();
    private BackEnd service;
    private BackEnd operator;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
        operator = BackEnd.of(port, "registryReadWrite");
        registry.tellCreated(device, registry.addDevice(device));
    }

    @AfterEach
    void removeConfigurations() {
        made.forEach(name -> operator.send("DELETE", name, null));
    }

    @Test
    void aNewConfigurationIsAnsweredAsItWasSentAndWithItsMetrics() {
        var answer = put(path, """
                {"id":"%s","schemaVersion":"1.0","labels":{"owner":"me"},
                 "content":{"deviceContent":{"properties.desired.fan":{"speed":1.0}}},"contentType":"assignment",
                 "targetCondition":"tags.nobody = '%s'","priority":10,"etag":"*",
                 "systemMetrics":{"results":{"x":1},"queries":{}},"createdTimeUtc":"",
                 "metrics":{"queries":{"mine":"SELECT deviceId FROM devices WHERE deviceId = 'nobody'"}}}""".formatted(id, id));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("ETag")).isEqualTo('"' + answer.text("/etag") + '"');
        assertThat(answer.body())
                .contains("\"content\":{\"deviceContent\":{\"properties.desired.fan\":{\"speed\":1.0}}}");
        var found = operator.get(path).json();
        assertThat(found.get("labels").get("owner").asText()).isEqualTo("me");
        assertThat(found.get("priority").asInt()).isEqualTo(10);
        assertThat(found.at("/systemMetrics/queries/targetedCount").asText())
                .isEqualTo("select deviceId from devices where tags.nobody = '" + id + "'");
        assertThat(found.at("/systemMetrics/queries/appliedCount").asText())
                .isEqualTo("select deviceId from devices where configurations.[[" + id + "]].status = 'Applied'");
        assertThat(found.at("/metrics/queries/mine").asText()).startsWith("SELECT deviceId");
        assertThat(operator.get("/configurations?top=1").body()).contains("\"id\":\"" + id + "\"");
    }

    @Test
    void preconditionsAreThoseOfTheContract() {
        var first = put(path, body("deviceContent", "{\"properties.desired.a\":1}", "", 0));
        var again = put(path, body("deviceContent", "{\"properties.desired.a\":1}", "", 0));
        var stale = put(path, body("deviceContent", "{\"properties.desired.a\":1}", "", 1), "If-Match", "\"MA==\"");
        var updated = put(
                path, body("deviceContent", "{\"properties.desired.a\":2}", "", 1), "If-Match", first.header("ETag"));
        var missing = operator.put(
                "/configurations/none-" + id,
                body("deviceContent", "{\"properties.desired.a\":2}", "", 1),
                "If-Match",
                "*");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.header("iothub-errorcode")).isEqualTo("ConfigurationAlreadyExists");
        assertThat(stale.status()).isEqualTo(412);
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.header("iothub-errorcode")).isEqualTo("ConfigurationNotFound");
        assertThat(updated.status()).as(updated.body()).isEqualTo(200);
        // The content never changes.
        assertThat(updated.body()).contains("{\"properties.desired.a\":1}").contains("\"priority\":1");
        assertThat(updated.text("/etag")).isNotEqualTo(first.text("/etag"));
        assertThat(operator.send("DELETE", path, null, "If-Match", "\"MA==\"").status())
                .isEqualTo(412);
        assertThat(operator.send("DELETE", path, null).status()).isEqualTo(204);
        assertThat(operator.get(path).status()).isEqualTo(404);
        assertThat(operator.send("DELETE", path, null).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    tags.a =                        | {"properties.desired.a":1} | 400 | InvalidConfigurationTargetCondition | line 1, column
                    properties.desired.x = 1        | {"properties.desired.a":1} | 400 | InvalidConfigurationTargetCondition | properties.desired
                    FROM devices.modules WHERE tags.a = 1 | {"properties.desired.a":1} | 400 | InvalidConfigurationTargetCondition | modules
                    *                               | {"tags.a":1}               | 400 | InvalidConfigurationContent         | tags.a
                    *                               | {"properties.desired.$x":1} | 400 | InvalidConfigurationContent        | $x""")
    void whatIsWrongIsNamed(String condition, String content, int status, String error, String named) {
        var answer = operator.put(path, body("deviceContent", content, condition, 0));

        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("iothub-errorcode")).isEqualTo(error);
        assertThat(answer.body()).contains(named);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C1", "a.b", "a%20b"})
    void badIdsAreRefused(String bad) {
        var answer = operator.put("/configurations/" + bad, body("deviceContent", "{}", "", 0));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("no id of a configuration");
    }

    @Test
    void readingNeedsRegistryReadAndWritingRegistryWrite() {
        assertThat(service.get("/configurations").status()).isEqualTo(401);
        assertThat(service.put(path, body("deviceContent", "{}", "", 0)).status())
                .isEqualTo(401);
    }

    @Test
    void conditionsAndQueriesCanBeTested() {
        var answer = operator.post("/configurations/testQueries", """
                {"targetCondition":"tags.x=1","customMetricQueries":{"good":"SELECT deviceId FROM devices","bad":"SELEC nope"}}""");
        var wrong = operator.post("/configurations/testQueries", "{\"targetCondition\":\"tags.x=\"}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("/targetConditionError")).isEmpty();
        assertThat(answer.json().get("customMetricQueryErrors").size()).isEqualTo(1);
        assertThat(answer.text("/customMetricQueryErrors/bad")).contains("line 1, column 1");
        assertThat(wrong.text("/targetConditionError")).contains("line 1, column");
    }

    @Test
    void twinsGetAndLoseWhatAConfigurationSets() {
        tag("{\"site\":\"%s\"}".formatted(id));
        put(path, body("deviceContent", "{\"properties.desired.fan.speed\":3}", "tags.site = '" + id + "'", 0));

        awaitDesired("/fan/speed", "3");
        assertThat(twin().at("/configurations/" + id + "/status").asText()).isEqualTo("Applied");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        operator.get(path).json().at("/systemMetrics/results").toString())
                .isEqualTo("{\"targetedCount\":1,\"appliedCount\":1}"));
        assertThat(ids("SELECT deviceId FROM devices WHERE configurations.[[" + id + "]].status = 'Applied'"))
                .isEqualTo("[{\"deviceId\":\"" + device + "\"}]");

        tag("{\"site\":null}");

        await().atMost(PATIENCE)
                .until(() -> twin().at("/properties/desired/fan").isMissingNode());
        assertThat(twin().has("configurations")).isFalse();
    }

    @Test
    void aDeviceThatComesLaterGetsItToo() {
        put(path, body("deviceContent", "{\"properties.desired.a\":1}", "deviceId = 'later-" + device + "'", 0));
        var later = IdentityId.parse("later-" + device);

        registry.tellCreated(later, registry.addDevice(later));

        await().atMost(PATIENCE).until(() -> service.get("/twins/" + later)
                .text("/properties/desired/a")
                .equals("1"));
    }

    @Test
    void aChangedConditionReachesThoseItMeetsAndThoseItNoLongerMeets() {
        var other = IdentityId.parse("other-" + device);
        registry.tellCreated(other, registry.addDevice(other));
        var condition = "deviceId = '%s'";
        put(path, body("deviceContent", "{\"properties.desired.a\":1}", condition.formatted(device), 0));
        awaitDesired("/a", "1");

        put(
                path,
                body("deviceContent", "{\"properties.desired.a\":1}", condition.formatted(other), 0),
                "If-Match",
                "*");

        await().atMost(PATIENCE).until(() -> service.get("/twins/" + other)
                .text("/properties/desired/a")
                .equals("1"));
        await().atMost(PATIENCE).until(() -> twin().at("/properties/desired/a").isMissingNode());
    }

    @Test
    void ofADeletedOneTheSettingsStayAndTheNextInPriorityApplies() {
        var lower = path + "-lower";
        var condition = "deviceId = '" + device + "'";
        put(path, body("deviceContent", "{\"properties.desired\":{\"a\":\"high\",\"only\":1}}", condition, 9));
        put(lower, body("deviceContent", "{\"properties.desired.a\":\"low\"}", condition, 1));
        await().atMost(PATIENCE).until(() -> twin().at("/configurations").size() == 2);
        awaitDesired("/a", "high");

        operator.send("DELETE", path, null);

        awaitDesired("/a", "low");
        awaitDesired("/only", "1");
        assertThat(twin().at("/configurations").size()).isEqualTo(1);
    }

    @Test
    void modulesAreConfiguredByAConditionOfTheirOwn() {
        var module = IdentityId.parse(device + "/m");
        registry.tellCreated(module, registry.addModule(module));
        await().atMost(PATIENCE)
                .until(() -> service.get("/twins/" + device + "/modules/m").status() == 200);

        put(
                path,
                body(
                        "moduleContent",
                        "{\"properties.desired.a\":1}",
                        "FROM devices.modules WHERE deviceId = '" + device + "' AND moduleId = 'm'",
                        0));

        await().atMost(PATIENCE).until(() -> service.get("/twins/" + device + "/modules/m")
                .text("/properties/desired/a")
                .equals("1"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        operator.get(path).json().at("/systemMetrics/results").toString())
                .isEqualTo("{\"targetedCount\":1,\"appliedCount\":1}"));
    }

    @Test
    void manyDevicesAreReachedPageByPageEachOnce() {
        var devices = IntStream.range(0, 1200)
                .mapToObj(i -> IdentityId.parse(device + "-" + i))
                .toList();
        devices.forEach(one -> registry.tellCreated(one, registry.addDevice(one)));
        var condition = "STARTSWITH(deviceId, '" + device + "-')";
        await().atMost(PATIENCE).until(() -> ids("SELECT COUNT() AS n FROM devices WHERE " + condition)
                .equals("[{\"n\":1200}]"));

        put(path, body("deviceContent", "{\"properties.desired.a\":1}", condition, 0));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        operator.get(path).json().at("/systemMetrics/results").toString())
                .isEqualTo("{\"targetedCount\":1200,\"appliedCount\":1200}"));
        assertThat(ids("SELECT COUNT() AS n FROM devices WHERE properties.desired.$version = 2 AND " + condition))
                .isEqualTo("[{\"n\":1200}]");
    }

    @Test
    void anUpdateIsAnsweredWithWhatWasCountedLast() {
        var condition = "deviceId = '" + device + "'";
        put(path, body("deviceContent", "{\"properties.desired.a\":1}", condition, 0));
        awaitCounts("{\"targetedCount\":1,\"appliedCount\":1}");

        var updated = put(path, body("deviceContent", "{\"properties.desired.a\":1}", condition, 3), "If-Match", "*");

        assertThat(updated.json().at("/systemMetrics/results").toString())
                .isEqualTo("{\"targetedCount\":1,\"appliedCount\":1}");
    }

    @Test
    void aMetricThatCannotBeCountedKeepsNoOtherFromBeing() {
        put(path, """
                {"content":{"deviceContent":{}},"targetCondition":"deviceId = '%1$s'","metrics":{"queries":{"bad":"select *",
                 "good":"SELECT deviceId FROM devices WHERE deviceId = '%1$s'"}}}""".formatted(device));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        operator.get(path).json().at("/metrics/results").toString())
                .contains("\"good\":1")
                .contains("\"bad\":0"));
    }

    @Test
    void oneThatIsNotUnderstoodStopsNoOtherAndCanBeMended() throws Exception {
        try (var connection = dataSource.getConnection();
                var insert = connection.createStatement()) {
            insert.execute("""
                    insert into configuration (id, version, rollout, content, target_condition, priority, metrics, created_at,
                                               updated_at)
                    values ('%s', 1, 1, '{"deviceContent":{"properties.desired.b":1}}', 'tags.a ~~ 1', 0, '{}', now(), now())
                    """.formatted(id + "-odd"));
        }
        made.add(path + "-odd");

        put(path, body("deviceContent", "{\"properties.desired.a\":1}", "deviceId = '" + device + "'", 0));

        awaitDesired("/a", "1");
        assertThat(operator.get(path + "-odd").text("/targetCondition")).isEqualTo("tags.a ~~ 1");
        var mended = operator.put(
                path + "-odd", body("deviceContent", "{}", "deviceId = '" + device + "'", 0), "If-Match", "*");
        assertThat(mended.status()).as(mended.body()).isEqualTo(200);
        awaitDesired("/b", "1");
    }

    @Test
    void contentForAnEdgeDeviceTakesThePlaceOfWhatItsModulesHaveAndMakesThoseThatAreMissing() {
        var agent = IdentityId.parse(device + "/$edgeAgent");
        registry.tellCreated(agent, registry.addModule(agent));
        var agentPath = "/twins/" + device + "/modules/$edgeAgent";
        service.patch(agentPath, "{\"properties\":{\"desired\":{\"old\":1}}}");

        var answer = applyContent(device, """
                {"modulesContent":{"$edgeAgent":{"properties.desired":{"new":2}},
                                   "own":{"properties.desired.a.b":1}}}""");
        var layered = applyContent(device, """
                {"modulesContent":{"$edgeAgent":{},"own":{"properties.desired.a.c":2}}}""");

        assertThat(answer.status()).as(answer.body()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(layered.status()).isEqualTo(204);
        assertThat(registry.has(IdentityId.parse(device + "/own"))).isTrue();
        var desired = service.get(agentPath).json().at("/properties/desired");
        assertThat(desired.has("old")).isFalse();
        assertThat(desired.get("new").asInt()).isEqualTo(2);
        assertThat(desired.get("$version").asInt()).isEqualTo(3);
        assertThat(desired.at("/$metadata/new").has("$lastUpdated")).isTrue();
        assertThat(service.get("/twins/" + device + "/modules/own")
                        .json()
                        .at("/properties/desired/a")
                        .toString())
                .isEqualTo("{\"b\":1,\"c\":2}");
    }

    @Test
    void contentForOneDeviceIsMergedIntoItsTwin() {
        var leaf = IdentityId.parse("leaf-" + device);
        registry.addLeaf(leaf);

        var answer = applyContent(leaf, "{\"deviceContent\":{\"properties.desired.a\":{\"b\":1}}}");

        assertThat(answer.status()).as(answer.body()).isEqualTo(204);
        assertThat(service.get("/twins/" + leaf).text("/properties/desired/a/b"))
                .isEqualTo("1");
    }

    @Test
    void contentThatDoesNotFitTheDeviceIsRefused() {
        var leaf = IdentityId.parse("leaf-" + device);
        registry.addLeaf(leaf);
        var edge = "{\"modulesContent\":{\"$edgeAgent\":{}}}";

        var noEdge = applyContent(leaf, edge);
        var ofModules = applyContent(device, "{\"moduleContent\":{}}");
        var noDevice = applyContent(IdentityId.parse("none-" + device), edge);

        assertThat(noEdge.status()).isEqualTo(400);
        assertThat(noEdge.body()).contains("Not an Azure IoT Edge device");
        assertThat(registry.has(IdentityId.parse(leaf + "/$edgeAgent"))).isFalse();
        assertThat(ofModules.status()).isEqualTo(400);
        assertThat(ofModules.header("iothub-errorcode")).isEqualTo("InvalidConfigurationContent");
        assertThat(noDevice.status()).isEqualTo(404);
        assertThat(service.post(
                                "/devices/" + device + "/applyConfigurationContent",
                                edge,
                                "Content-Type",
                                "application/json")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aDeviceMayBeCalledQuery() {
        var query = IdentityId.parse("query");
        registry.addLeaf(query);

        assertThat(applyContent(query, "{\"deviceContent\":{\"properties.desired.a\":1}}")
                        .status())
                .isEqualTo(204);
    }

    @Test
    void whatIsCountedIsThereFromTheBeginning() {
        assertThat(service.get("/q/metrics").body())
                .contains("freehub_configuration_twins_total")
                .contains("freehub_configuration_operations_total{op=\"testQueries\",result=\"failure\"}")
                .contains("freehub_configuration_operations_total{op=\"apply\",result=\"failure\"}");
    }

    private BackEnd.Answer applyContent(IdentityId to, String content) {
        return operator.post(
                "/devices/" + to + "/applyConfigurationContent", content, "Content-Type", "application/json");
    }

    private void awaitCounts(String counts) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        operator.get(path).json().at("/systemMetrics/results").toString())
                .isEqualTo(counts));
    }

    private BackEnd.Answer put(String at, String body, String... headers) {
        made.add(at);
        return operator.put(at, body, headers);
    }

    private static String body(String kind, String content, String condition, int priority) {
        return "{\"content\":{\"%s\":%s},\"targetCondition\":\"%s\",\"priority\":%d}"
                .formatted(kind, content, condition, priority);
    }

    private void tag(String tags) {
        var answer = service.patch("/twins/" + device, "{\"tags\":" + tags + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private JsonNode twin() {
        return service.get("/twins/" + device).json();
    }

    private void awaitDesired(String pointer, String value) {
        await().atMost(PATIENCE)
                .until(() -> twin().at("/properties/desired" + pointer).asText().equals(value));
    }

    private String ids(String query) {
        return service.post("/devices/query", "{\"query\":\"" + query + "\"}", "Content-Type", "application/json")
                .body();
    }
}
