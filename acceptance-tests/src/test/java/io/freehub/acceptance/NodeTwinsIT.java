package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Twins with Azure's SDK for Node.js as npm has it. */
class NodeTwinsIT {

    @Test
    void backEndReadsAndWritesTwins() throws Exception {
        var saw = run("twins.mjs", "node-twins");

        assertThat(saw.at("/fresh/etag").asText()).isEqualTo("AAAAAAAAAAE=");
        assertThat(saw.at("/fresh/version").asInt()).isEqualTo(2);
        assertThat(saw.at("/fresh/status").asText()).isEqualTo("enabled");
        assertThat(saw.at("/fresh/connectionState").asText()).isEqualTo("Disconnected");
        assertThat(saw.at("/fresh/authenticationType").asText()).isEqualTo("sas");
        assertThat(saw.at("/fresh/properties/desired/$version").asInt()).isEqualTo(1);

        assertThat(saw.at("/patched/tags").toString()).isEqualTo("{\"site\":{\"town\":\"münchen\",\"floor\":3}}");
        assertThat(saw.at("/patched/properties/desired/interval").asInt()).isEqualTo(60);
        assertThat(saw.at("/patched/properties/desired/at").asText()).isEqualTo("2020-01-01T00:00:00+01:00");
        assertThat(saw.at("/patched/properties/desired/$version").asInt()).isEqualTo(2);
        assertThat(saw.at("/removed/tags").toString()).isEqualTo("{\"site\":{\"town\":\"münchen\"}}");
        assertThat(saw.at("/removed/properties/desired/$version").asInt()).isEqualTo(2);
        assertThat(saw.at("/staleUpdate").asText()).isEqualTo("InvalidEtagError");
        assertThat(saw.at("/forced/properties/desired/$version").asInt()).isEqualTo(3);
        assertThat(saw.at("/forced/properties/desired").has("interval")).isFalse();
        assertThat(saw.at("/refused").asText()).isEqualTo("ArgumentError");

        assertThat(saw.at("/modulePatched/moduleId").asText()).isEqualTo("burner");
        assertThat(saw.at("/modulePatched/properties/desired/on").asBoolean()).isTrue();
        assertThat(saw.at("/got/properties")).isEqualTo(saw.at("/forced/properties"));

        assertThat(saw.at("/ofDeleted").asText()).isNotEqualTo("none");
        assertThat(saw.at("/again/etag").asText()).isEqualTo("AAAAAAAAAAE=");
        assertThat(saw.at("/again/tags")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mqtt", "MqttWs", "Amqp", "AmqpWs"})
    void deviceAndBackEndShareATwin(String transport) throws Exception {
        var device = BackEnd.create("node-shares-a-twin-" + transport);
        var saw = NodeProgram.run(
                Map.of("DEVICE_CONNECTION_STRING", device.connectionString()),
                "device-twins.mjs",
                transport,
                device.id().value());

        assertThat(saw.at("/fresh").toString())
                .isEqualTo("{\"reported\":{\"$version\":1},\"desired\":{\"$version\":1}}");
        assertThat(saw.at("/refused").asText()).isNotEqualTo("none");
        assertThat(saw.at("/seenByBackEnd/fan").toString()).isEqualTo("{\"speed\":3}");
        assertThat(saw.at("/seenByBackEnd/ratio").asText()).isEqualTo("1.5");
        assertThat(saw.at("/seenByBackEnd").has("battery")).isFalse();
        assertThat(saw.at("/seenByBackEnd/$version").asInt()).isEqualTo(3);
        assertThat(saw.at("/told").toString())
                .isEqualTo("[{\"interval\":60,\"at\":{\"hour\":7},\"$version\":2},{\"at\":null,\"$version\":3}]");
        assertThat(saw.at("/merged").toString()).isEqualTo("{\"$version\":3,\"interval\":60}");
        assertThat(saw.at("/back/desired").toString()).isEqualTo("{\"interval\":30,\"$version\":4}");
        assertThat(saw.at("/back/reported/$version").asInt()).isEqualTo(3);
    }

    @Test
    void ofTwoBackEndsThatWriteUponTheSameTwinOneLearnsThatItLost() throws Exception {
        var saw = run("twin-rivals.mjs", "node-twin-rivals");

        assertThat(saw.at("/losers")).extracting(JsonNode::asText).hasSize(5).containsOnly("InvalidEtagError");
        assertThat(saw.at("/desired/$version").asInt()).isEqualTo(11);
        for (int round = 0; round < 5; round++) {
            assertThat(saw.at("/desired/a" + round).asInt(-1)).isEqualTo(round);
            assertThat(saw.at("/desired/b" + round).asInt(-1)).isEqualTo(round);
        }
    }

    @Test
    void backEndQueriesTwins() throws Exception {
        var saw = run("query.mjs", "node-query");

        assertThat(saw.at("/sizes").toString()).isEqualTo("[2,2,1]");
        assertThat(saw.at("/ids"))
                .extracting(JsonNode::asText)
                .containsExactly("node-query-0", "node-query-1", "node-query-2", "node-query-3", "node-query-4");
        assertThat(saw.at("/site").asText()).isEqualTo("munich");
        assertThat(saw.at("/listed").toString())
                .isEqualTo("[{\"deviceId\":\"node-query-4\",\"ConnectionState\":\"Disconnected\",\"IotEdge\":true,"
                        + "\"ModelId\":\"\"}]");
        assertThat(saw.at("/found").toString()).isEqualTo("[1,1]");
        assertThat(saw.at("/groups"))
                .extracting(JsonNode::toString)
                .containsExactlyInAnyOrder("{\"site\":\"munich\",\"n\":2}", "{\"site\":\"paris\",\"n\":3}");
        assertThat(saw.at("/modules/0/moduleId").asText()).isEqualTo("burner");
        assertThat(saw.at("/refused").asText()).isEqualTo("ArgumentError");
    }

    @Test
    void backEndConfiguresDevices() throws Exception {
        var device = BackEnd.create("node-configured");
        var saw = NodeProgram.run(
                Map.of("DEVICE_CONNECTION_STRING", device.connectionString()),
                "configurations.mjs",
                "node-configurations",
                device.id().value());

        assertThat(saw.at("/created/schemaVersion").asText()).isEqualTo("1.0");
        assertThat(saw.at("/created/labels/owner").asText()).isEqualTo("node-configurations");
        assertThat(saw.at("/again").asText()).isNotEqualTo("none");
        assertThat(saw.at("/told"))
                .extracting(JsonNode::toString)
                .containsExactly(
                        "{\"fan\":{\"speed\":3,\"mode\":\"auto\"},\"$version\":2}",
                        "{\"fan\":null,\"$version\":3}",
                        "{\"fan\":{\"speed\":3,\"mode\":\"auto\"},\"$version\":4}");
        assertThat(saw.at("/status").toString()).isEqualTo("{\"node-configurations-fan\":{\"status\":\"Applied\"}}");
        assertThat(saw.at("/counted/systemMetrics/results").toString())
                .isEqualTo("{\"targetedCount\":1,\"appliedCount\":1}");
        assertThat(saw.at("/counted/metrics/results/all").asInt()).isPositive();
        assertThat(saw.at("/listed")).extracting(JsonNode::asText).contains("node-configurations-fan");
        assertThat(saw.at("/updated/systemMetrics/results/appliedCount").asInt())
                .isEqualTo(1);
        assertThat(saw.at("/stale").asText()).isEqualTo("InvalidEtagError");
        assertThat(saw.at("/forced/priority").asInt()).isEqualTo(20);
        assertThat(saw.at("/gone").asText()).isNotEqualTo("none");
        assertThat(saw.at("/leaf").asText()).isEqualTo("ArgumentError");
        assertThat(saw.at("/modules").toString()).isEqualTo("[\"$edgeAgent\",\"$edgeHub\",\"burner\"]");
        assertThat(saw.at("/burner/on").asBoolean()).isTrue();
        assertThat(saw.at("/burner/$metadata/on").isObject()).isTrue();
        assertThat(saw.at("/agent/schemaVersion").asText()).isEqualTo("1.1");
        assertThat(saw.at("/agent/$version").asInt()).isEqualTo(2);
    }

    private static JsonNode run(String... command) throws Exception {
        return NodeProgram.run(Map.of(), command);
    }
}
