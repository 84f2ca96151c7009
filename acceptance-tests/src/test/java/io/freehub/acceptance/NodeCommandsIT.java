package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages to devices and direct methods with Azure's SDK for Node.js as npm has it. */
class NodeCommandsIT {

    @ParameterizedTest
    @ValueSource(strings = {"Mqtt", "MqttWs", "Amqp", "AmqpWs", "Http"})
    void deviceReceivesWhatItsBackEndSends(String transport) throws Exception {
        var device = BackEnd.create("node-receives-over-" + transport);
        var id = device.id().value();
        var saw = NodeProgram.run(
                Map.of("DEVICE_CONNECTION_STRING", device.connectionString()), "messages.mjs", transport, id);

        assertThat(saw.at("/purged").toString())
                .isEqualTo("{\"deviceId\":\"" + id + "\",\"moduleId\":null,\"totalMessagesPurged\":1}");
        var first = saw.at("/got/0");
        assertThat(first.at("/text").asText()).isEqualTo("{\"text\":\"grüße\"}");
        assertThat(first.at("/messageId").asText()).isEqualTo(id + "-0");
        assertThat(first.at("/correlationId").asText()).isEqualTo("run/1 + 2");
        // Over HTTP the SDK does not look for it.
        assertThat(first.at("/contentType").asText()).isEqualTo(transport.equals("Http") ? "" : "application/json");
        assertThat(first.at("/properties"))
                .extracting(property -> property.path("value").asText())
                .contains("a=b&c/d e+f");
        assertThat(saw.at("/got/1/text").asText()).isEqualTo("second");
        var told = saw.at("/told");
        assertThat(told.path(id + "-purged").asText()).isEqualTo("Purged");
        assertThat(told.path(id + "-0").asText()).isEqualTo("Success");
        assertThat(told.path(id + "-1").asText()).isEqualTo("Success");
        assertThat(told.path(id + "-2").asText()).isEqualTo("Success");
        if (!transport.startsWith("Mqtt")) {
            assertThat(saw.at("/got/3/text").asText()).isEqualTo("twice");
            assertThat(told.path(id + "-3").asText()).isEqualTo("Success");
            assertThat(told.path(id + "-4").asText()).isEqualTo("Rejected");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mqtt", "MqttWs", "Amqp", "AmqpWs"})
    void backEndCallsMethods(String transport) throws Exception {
        var device = BackEnd.create("node-is-called-over-" + transport);
        var id = device.id().value();
        BackEnd.create(id + "-away");
        var module = BackEnd.create(device, "burner");
        var saw = NodeProgram.run(
                Map.of(
                        "DEVICE_CONNECTION_STRING", device.connectionString(),
                        "MODULE_CONNECTION_STRING", module.connectionString()),
                "methods.mjs",
                transport,
                id);

        assertThat(saw.at("/nobody").toString()).contains("404001");
        assertThat(saw.at("/offline/status").asInt()).isEqualTo(404);
        assertThat(saw.at("/offline").toString()).contains("404103");
        assertThat(answer(saw, "early")).isEqualTo("{\"status\":200,\"payload\":{\"asked\":\"early\"}}");
        assertThat(answer(saw, "object"))
                .isEqualTo("{\"status\":200,\"payload\":{\"asked\":{\"delay\":5,\"text\":\"grüße\"}}}");
        assertThat(saw.at("/nothing/status").asInt()).isEqualTo(200);
        assertThat(answer(saw, "refused")).isEqualTo("{\"status\":418,\"payload\":null}");
        assertThat(saw.at("/ignored/status").asInt()).isEqualTo(504);
        assertThat(saw.at("/unknown").isMissingNode()).isFalse();
        assertThat(answer(saw, "ofModule")).isEqualTo("{\"status\":200,\"payload\":{\"lit\":true}}");
        assertThat(saw.at("/seen/0").asText()).isEqualTo("early");
        assertThat(saw.at("/seen/1").toString()).isEqualTo("{\"delay\":5,\"text\":\"grüße\"}");
        assertThat(saw.at("/seen/3").asText()).isEqualTo("job");
        assertThat(saw.at("/job/status").asText()).isEqualTo("completed");
        assertThat(saw.at("/job/statistics/succeededCount").asInt()).isEqualTo(1);
        assertThat(saw.at("/job/statistics/failedCount").asInt()).isEqualTo(1);
        assertThat(saw.at("/job/outcomes").path(id).toString())
                .isEqualTo("{\"deviceMethodResponse\":{\"status\":200,\"payload\":{\"asked\":\"job\"}}}");
        assertThat(saw.at("/job/outcomes").path(id + "-away").path("code").asText())
                .isEqualTo("DeviceNotOnline");
    }

    private static String answer(JsonNode saw, String call) {
        return saw.path(call).toString();
    }
}
