package io.freehub.acceptance;

import static io.freehub.model.SystemProperty.CONNECTION_AUTH_METHOD;
import static io.freehub.model.SystemProperty.CONNECTION_DEVICE_ID;
import static io.freehub.model.SystemProperty.CONTENT_ENCODING;
import static io.freehub.model.SystemProperty.CONTENT_TYPE;
import static io.freehub.model.SystemProperty.CORRELATION_ID;
import static io.freehub.model.SystemProperty.MESSAGE_ID;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.MessageProperties.Application;
import io.freehub.testing.TopicReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Azure's SDK for Node.js sends by other transports than MQTT. */
class NodeTransportsIT {

    private static final Path SCRIPTS = Path.of("node");

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

    private static JsonNode run(String connectionString, String transport, int single, int batch) throws Exception {
        return new ObjectMapper()
                .readTree(Program.output(
                        SCRIPTS,
                        Map.of(
                                "DEVICE_CONNECTION_STRING",
                                connectionString,
                                "NODE_EXTRA_CA_CERTS",
                                TheHub.facts().certificateAuthority().toString()),
                        List.of(
                                "node",
                                "transport.mjs",
                                transport,
                                Integer.toString(single),
                                Integer.toString(batch))));
    }
}
