package io.freehub.twin.twin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freehub.model.IdentityId;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinServiceTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Twins as back ends read and write them. No event has told of the devices: the registry knows them. */
@TwinServiceTest
class TwinIT {

    private static final String NEVER = "0001-01-01T00:00:00Z";

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final String path = "/twins/" + device;
    private BackEnd service;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
        registry.addDevice(device);
    }

    @Test
    void newTwinHasWhatTheRegistryKnowsAndNothingElse() {
        var answer = service.get(path);

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("ETag")).isEqualTo("\"AAAAAAAAAAE=\"");
        assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("application/json; charset=utf-8");
        assertThat(answer.body())
                .isEqualTo("{\"deviceId\":\"%s\",\"deviceEtag\":\"NzQ5NDk2ODQ0\",\"status\":\"disabled\","
                                .formatted(device)
                        + "\"statusReason\":\"in repair\",\"statusUpdateTime\":\"2026-08-15T09:00:01.000Z\","
                        + "\"connectionState\":\"Connected\",\"lastActivityTime\":\"2026-08-15T09:00:02.000Z\","
                        + "\"cloudToDeviceMessageCount\":0,\"authenticationType\":\"sas\","
                        + "\"x509Thumbprint\":{\"primaryThumbprint\":null,\"secondaryThumbprint\":null},\"modelId\":\"\","
                        + "\"capabilities\":{\"iotEdge\":true},\"deviceScope\":\"ms-azure-iot-edge://d-1\","
                        + "\"parentScopes\":[\"ms-azure-iot-edge://p-1\"],\"etag\":\"AAAAAAAAAAE=\",\"version\":2,"
                        + "\"properties\":{\"desired\":{\"$metadata\":{\"$lastUpdated\":\"" + NEVER
                        + "\"},\"$version\":1},\"reported\":{\"$metadata\":{\"$lastUpdated\":\"" + NEVER
                        + "\"},\"$version\":1}}}");
    }

    @Test
    void moduleHasATwinOfItsOwn() {
        var module = IdentityId.parse(device + "/m");
        registry.addModule(module);
        service.patch(path, "{\"tags\":{\"of\":\"device\"}}");
        var written = service.patch(path + "/modules/m", "{\"tags\":{\"of\":\"module\"}}");

        assertThat(written.status()).as(written.body()).isEqualTo(200);
        assertThat(service.get(path + "/modules/m").body())
                .isEqualTo(written.body())
                .startsWith(
                        ("{\"deviceId\":\"%s\",\"moduleId\":\"m\",\"deviceEtag\":\"MTAzNTk=\",\"status\":\"enabled\","
                                        + "\"statusUpdateTime\":\"" + NEVER
                                        + "\",\"connectionState\":\"Disconnected\",")
                                .formatted(device))
                .contains("\"authenticationType\":\"selfSigned\"", "\"primaryThumbprint\":\"AB\"")
                .contains("\"tags\":{\"of\":\"module\"}")
                .doesNotContain("capabilities");
        assertThat(service.get(path).text("/tags/of")).isEqualTo("device");
    }

    @Test
    void whatIsSentComesBackAsItWas() {
        var values = "{\"b\":1,\"a\":1.0,\"f\":[1.50,-0,1E+2],\"ö\":\"2020-01-01T00:00:00+01:00\",\"t\":true,"
                + "\"big\":1e21,\"\":{\"x\":{}},\"q\":\"\\\"\\\\\\u0007\"}";

        service.patch(path, "{\"tags\":" + values + ",\"properties\":{\"desired\":" + values + "}}");

        assertThat(service.get(path).body())
                .contains("\"tags\":" + values)
                .contains("\"desired\":" + values.substring(0, values.length() - 1) + ",\"$metadata\"");
    }

    @Test
    void patchWithoutASectionLeavesItAndOneWithNullEmptiesIt() {
        service.patch(path, "{\"tags\":{\"a\":1},\"properties\":{\"desired\":{\"x\":{\"y\":1},\"z\":2}}}");
        var emptied = service.patch(path, "{\"properties\":{\"desired\":null}}");

        assertThat(emptied.json().at("/properties/desired").properties().stream()
                        .map(Map.Entry::getKey))
                .containsExactly("$metadata", "$version");
        assertThat(emptied.text("/properties/desired/$version")).isEqualTo("3");
        assertThat(emptied.json().at("/tags").toString()).isEqualTo("{\"a\":1}");
        assertThat(service.patch(path, "{\"tags\":null}").json().has("tags")).isFalse();
    }

    @Test
    void patchMergesAndAnswersTheWholeTwin() {
        var first = service.patch(path, "{\"tags\":{\"a\":{\"b\":1}},\"properties\":{\"desired\":{\"x\":{\"y\":1}}}}");
        var second = service.patch(path, "{\"tags\":{\"a\":{\"b\":null}}}");

        assertThat(first.text("/properties/desired/$version")).isEqualTo("2");
        assertThat(first.text("/properties/desired/$metadata/x/y/$lastUpdatedVersion"))
                .isEqualTo("2");
        assertThat(second.json().at("/tags").toString()).isEqualTo("{\"a\":{}}");
        assertThat(second.text("/properties/desired/$version")).isEqualTo("2");
        assertThat(second.text("/version")).isEqualTo("4");
        assertThat(second.header("ETag")).isEqualTo("\"AAAAAAAAAAM=\"");
        assertThat(second.text("/etag")).isEqualTo("AAAAAAAAAAM=");
        assertThat(service.get(path).body()).isEqualTo(second.body());
    }

    @Test
    void putReplacesTheSectionsThatItNames() {
        service.patch(path, "{\"tags\":{\"a\":1},\"properties\":{\"desired\":{\"x\":1,\"y\":2}}}");

        var replaced = service.put(path, "{\"properties\":{\"desired\":{\"y\":3}}}");

        assertThat(replaced.status()).isEqualTo(200);
        assertThat(replaced.json().at("/tags").toString()).isEqualTo("{\"a\":1}");
        assertThat(without(replaced.json().at("/properties/desired"))).isEqualTo("{\"y\":3}");
        assertThat(service.get(path).body()).isEqualTo(replaced.body());
    }

    @Test
    void wholeTwinMayBeSentBack() {
        var before = service.patch(path, "{\"tags\":{\"a\":1},\"properties\":{\"desired\":{\"x\":{\"y\":1.0}}}}");

        var patched = service.patch(path, before.body());
        var replaced = service.put(path, before.body());

        for (var answer : new BackEnd.Answer[] {patched, replaced}) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.json().at("/tags")).isEqualTo(before.json().at("/tags"));
            assertThat(without(answer.json().at("/properties/desired"))).isEqualTo("{\"x\":{\"y\":1.0}}");
            assertThat(answer.json().at("/properties/reported"))
                    .isEqualTo(before.json().at("/properties/reported"));
            assertThat(answer.text("/status")).isEqualTo("disabled");
        }
    }

    @Test
    void postThatMeansPatchIsOne() {
        var answer = service.post(path, "{\"tags\":{\"a\":1}}", "X-HTTP-Method-Override", "PATCH");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("/tags/a")).isEqualTo("1");
        assertThat(service.post(path, "{}").status()).isEqualTo(405);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "*, 200",
                "\"*\", 200",
                "AAAAAAAAAAE=, 200",
                "\"AAAAAAAAAAE=\", 200",
                "W/\"AAAAAAAAAAE=\", 200",
                "\"AAAAAAAAAAI=\", 412",
                "nonsense, 412"
            })
    void writeMayHangOnTheTag(String tag, int status) {
        assertThat(service.patch(path, "{\"tags\":{\"a\":1}}", "If-Match", tag).status())
                .isEqualTo(status);
        assertThat(service.get(path).text("/etag")).isEqualTo(status == 200 ? "AAAAAAAAAAI=" : "AAAAAAAAAAE=");
    }

    @Test
    void staleTagIsRefusedInTheFormThatTwinsHave() {
        service.patch(path, "{\"tags\":{\"a\":1}}");

        var refused = service.put(path, "{\"tags\":{}}", "If-Match", "\"AAAAAAAAAAE=\"");

        assertThat(refused.status()).isEqualTo(412);
        assertThat(refused.header("iothub-errorcode")).isEqualTo("PreconditionFailed");
        assertThat(refused.text("/Message")).startsWith("{\"errorCode\":412001,");
        assertThat(refused.text("/ExceptionMessage")).isEmpty();
        assertThat(service.get(path).text("/tags/a")).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`{\"tags\":{\"a.b\":1}}`, ArgumentInvalid, a.b",
                "`{\"properties\":{\"desired\":{\"a\":{\"b\":[null]}}}}`, ArgumentInvalid, properties.desired.a.b[0]",
                "nonsense, IotHubFormatError, line 1",
                "[], ArgumentInvalid, JSON object",
                "``, ArgumentNull, missing"
            })
    void badBodyIsRefusedAndChangesNothing(String body, String code, String named) {
        var refused = service.patch(path, body);

        assertThat(refused.status()).as(refused.body()).isEqualTo(400);
        assertThat(refused.header("iothub-errorcode")).isEqualTo(code);
        assertThat(refused.text("/Message")).contains(named);
        assertThat(service.get(path).text("/version")).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/twins/nobody", "/twins/nobody/modules/m"})
    void whoIsNotThereHasNoTwin(String nobody) {
        var answer = service.get(nobody);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("DeviceNotFound");
        assertThat(service.patch(nobody, "{\"tags\":{\"a\":1}}").status()).isEqualTo(404);
    }

    @Test
    void registryThatFailsIsNoMissingDevice() {
        registry.failAfter(device, 0);

        var answer = service.get(path);

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ServiceUnavailable");
        assertThat(service.get(path).status()).isEqualTo(200);
    }

    @Test
    void policyNeedsServiceConnect() {
        var registryOnly = BackEnd.of(port, "registryReadWrite");

        assertThat(registryOnly.get(path).status()).isEqualTo(401);
        assertThat(registryOnly.get(path).header("iothub-errorcode")).isEqualTo("IotHubUnauthorizedAccess");
        assertThat(registryOnly.patch(path, "{}").status()).isEqualTo(401);
        assertThat(registryOnly.put(path, "{}").status()).isEqualTo(401);
    }

    @Test
    void writesAtTheSameTimeAllCount() throws Exception {
        int writers = 8;
        int each = 5;
        try (var threads = Executors.newFixedThreadPool(writers)) {
            var calls = new ArrayList<Callable<Integer>>();
            for (int i = 0; i < writers * each; i++) {
                var body = "{\"properties\":{\"desired\":{\"p" + i + "\":" + i + "}}}";
                calls.add(() -> service.patch(path, body).status());
            }
            for (var status : threads.invokeAll(calls)) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        var twin = service.get(path);
        assertThat(twin.text("/properties/desired/$version")).isEqualTo(Integer.toString(1 + writers * each));
        // Beside the properties stand metadata and version.
        assertThat(twin.json().at("/properties/desired").size()).isEqualTo(writers * each + 2);
    }

    @Test
    void ofTwoPatchesThatHangOnTheSameTagExactlyOneIsWritten() throws Exception {
        int rounds = 20;
        try (var threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < rounds; round++) {
                var tag = service.get(path).header("ETag");
                var calls = new ArrayList<Callable<BackEnd.Answer>>();
                for (var writer : List.of("a", "b")) {
                    var body = "{\"properties\":{\"desired\":{\"" + writer + round + "\":" + round + "}}}";
                    calls.add(() -> {
                        var first = service.patch(path, body, "If-Match", tag);
                        if (first.status() == 412) {
                            // As a back end does that lost: it reads again and writes upon that.
                            var again = service.patch(
                                    path, body, "If-Match", service.get(path).header("ETag"));
                            assertThat(again.status()).as(again.body()).isEqualTo(200);
                        }
                        return first;
                    });
                }
                var statuses = new ArrayList<Integer>();
                for (var call : threads.invokeAll(calls)) {
                    statuses.add(call.get().status());
                }
                assertThat(statuses).containsExactlyInAnyOrder(200, 412);
            }
        }
        var desired = service.get(path).json().at("/properties/desired");
        assertThat(desired.at("/$version").asInt()).isEqualTo(1 + 2 * rounds);
        for (int round = 0; round < rounds; round++) {
            assertThat(desired.at("/a" + round).asInt(-1)).isEqualTo(round);
            assertThat(desired.at("/b" + round).asInt(-1)).isEqualTo(round);
        }
    }

    private static String without(JsonNode section) {
        var values = section.deepCopy();
        ((ObjectNode) values).remove(List.of("$metadata", "$version"));
        return values.toString();
    }
}
