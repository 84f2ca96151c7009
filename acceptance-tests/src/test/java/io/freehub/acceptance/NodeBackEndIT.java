package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages to devices with the service client of Azure's SDK for Node.js as npm has it. */
class NodeBackEndIT {

    @ParameterizedTest
    @ValueSource(strings = {"Amqp", "AmqpWs"})
    void deviceReceivesWhatTheServiceClientSends(String transport) throws Exception {
        var device = BackEnd.create("node-sends-to-device-over-" + transport);
        var id = device.id().value();
        var saw = NodeProgram.run(
                Map.of("DEVICE_CONNECTION_STRING", device.connectionString()), "send-to-device.mjs", transport, id);

        assertThat(saw.at("/sent").toString()).isEqualTo("[\"accepted\",\"accepted\"]");
        var first = saw.at("/got/0");
        assertThat(first.at("/text").asText()).isEqualTo("{\"text\":\"grüße\"}");
        assertThat(first.at("/messageId").asText()).isEqualTo(id + "-0");
        assertThat(first.at("/contentType").asText()).isEqualTo("application/json");
        assertThat(first.at("/properties"))
                .extracting(property -> property.path("value").asText())
                .contains("a=b&c/d e+f");
        assertThat(saw.at("/got/1/text").asText()).isEqualTo("second");
        for (var message : new String[] {id + "-0", id + "-1"}) {
            assertThat(saw.at("/told").path(message).toString())
                    .isEqualTo("{\"status\":\"Success\",\"device\":\"" + id + "\"}");
        }
        assertThat(saw.at("/nobody").asText()).isEqualTo("DeviceNotFoundError");
        assertThat(saw.at("/tooLarge").asText()).isEqualTo("MessageTooLargeError");
        assertThat(saw.at("/full").asText()).isEqualTo("DeviceMaximumQueueDepthExceededError");
        assertThat(saw.at("/waiting").asInt()).isEqualTo(51);
    }
}
