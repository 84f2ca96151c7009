package io.freehub.acceptance;

import static io.freehub.model.SystemProperty.CONNECTION_AUTH_METHOD;
import static io.freehub.model.SystemProperty.CONNECTION_DEVICE_ID;
import static io.freehub.model.SystemProperty.CONNECTION_MODULE_ID;
import static io.freehub.model.SystemProperty.CONTENT_ENCODING;
import static io.freehub.model.SystemProperty.CONTENT_TYPE;
import static io.freehub.model.SystemProperty.CORRELATION_ID;
import static io.freehub.model.SystemProperty.MESSAGE_ID;
import static io.freehub.model.SystemProperty.OUTPUT_NAME;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.MessageProperties.Application;
import io.freehub.testing.TopicReader;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Azure's SDK for Node.js sends by other transports than MQTT. */
class NodeTransportsIT {

    @ParameterizedTest
    @CsvSource({"MqttWs, 10, 0", "Http, 10, 20", "Amqp, 10, 0", "AmqpWs, 10, 0"})
    void everyMessageIsAmongTheEvents(String transport, int single, int batch) throws Exception {
        var device = BackEnd.create("node-sends-over-" + transport);
        try (var events = new Events()) {
            var saw = run(device.connectionString(), transport, single, batch);

            assertThat(saw.at("/acknowledged").asInt()).isEqualTo(single + batch);
            var arrived = events.of(device.id().value(), single + batch);
            for (int number = 0; number < single + batch; number++) {
                var event = arrived.get(number);
                var properties = Events.properties(event);
                assertThat(TopicReader.text(event)).isEqualTo("{\"number\":" + number + "}");
                assertThat(properties.application())
                        .containsExactly(new Application("alert", Optional.of(number % 2 == 0 ? "true" : "false")));
                assertThat(properties.system())
                        .containsAllEntriesOf(Map.of(
                                CONNECTION_DEVICE_ID,
                                device.id().value(),
                                CONNECTION_AUTH_METHOD,
                                "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}"));
                if (number < single) {
                    assertThat(properties.system())
                            .containsAllEntriesOf(Map.of(
                                    MESSAGE_ID, "message-" + number,
                                    CORRELATION_ID, "run/1 + 2",
                                    CONTENT_TYPE, "application/json",
                                    CONTENT_ENCODING, "utf-8"));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Http", "Amqp"})
    void deviceWithAKeyOfAnotherIsTold(String transport) throws Exception {
        var device = BackEnd.create("node-refused-over-" + transport);
        var stranger = BackEnd.create("node-stranger-over-" + transport);
        var saw = run(
                device.connectionString()
                        .replace(device.key().base64(), stranger.key().base64()),
                transport,
                1,
                0);

        assertThat(saw.at("/refused").asText()).isEqualTo("UnauthorizedError");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mqtt", "MqttWs", "Amqp", "AmqpWs"})
    void moduleSendsAndSharesItsTwin(String transport) throws Exception {
        var device = BackEnd.create("node-has-a-module-over-" + transport);
        var module = BackEnd.create(device, "burner");
        try (var events = new Events()) {
            var saw = NodeProgram.run(
                    Map.of("MODULE_CONNECTION_STRING", module.connectionString()),
                    "module-client.mjs",
                    transport,
                    device.id().value());

            assertThat(saw.at("/fresh").toString())
                    .isEqualTo("{\"reported\":{\"$version\":1},\"desired\":{\"$version\":1}}");
            assertThat(saw.at("/told").toString()).isEqualTo("[{\"heat\":7,\"$version\":2}]");
            assertThat(saw.at("/reported/on").asBoolean()).isTrue();
            var arrived = events.of(device.id().value(), 2);
            assertThat(arrived).extracting(TopicReader::text).containsExactly("plain", "to an output");
            assertThat(arrived)
                    .allSatisfy(event -> assertThat(Events.properties(event).system())
                            .containsEntry(CONNECTION_MODULE_ID, "burner"));
            assertThat(Events.properties(arrived.getLast()).system()).containsEntry(OUTPUT_NAME, "alarm");
        }
    }

    private static JsonNode run(String connectionString, String transport, int single, int batch) throws Exception {
        return NodeProgram.run(
                Map.of("DEVICE_CONNECTION_STRING", connectionString),
                "transport.mjs",
                transport,
                Integer.toString(single),
                Integer.toString(batch));
    }
}
