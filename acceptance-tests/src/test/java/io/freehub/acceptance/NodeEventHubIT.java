package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads events with Azure's SDK of Event Hubs for Node.js as npm has it. */
class NodeEventHubIT {

    /** By TLS, over WebSockets, and in the clear as from its emulator. */
    @ParameterizedTest
    @CsvSource({
        "EVENTHUB_CONNECTION_STRING, tcp",
        "EVENTHUB_CONNECTION_STRING, websocket",
        "EVENTHUB_PLAIN_CONNECTION_STRING, tcp"
    })
    void everyMessageIsReadFromWhereTheReaderLikes(String variable, String transport) throws Exception {
        var name = "node-events-" + variable.split("_")[1].toLowerCase() + "-" + transport;
        var device = BackEnd.create(name);
        BackEnd.create("/hub/consumerGroups/" + name, "");
        try {
            var environment = new HashMap<String, String>();
            environment.put("DEVICE_CONNECTION_STRING", device.connectionString());
            environment.put("CONSUMER_GROUP", name);
            environment.put(
                    "EVENTHUB_CONNECTION_STRING", TheHub.facts().environment().get(variable));
            environment.put("OTHER_CONNECTION_STRING", ofSecondGateway(transport));
            var saw = NodeProgram.run(environment, "events.mjs", transport, name);

            assertThat(saw.at("/hub").toString())
                    .isEqualTo("{\"name\":\"freehub\",\"partitions\":[\"0\",\"1\",\"2\",\"3\"]}");
            var events = saw.at("/events");
            assertThat(events).hasSize(20);
            for (int number = 0; number < 20; number++) {
                var event = events.get(number);
                assertThat(event.at("/body/number").asInt()).isEqualTo(number);
                assertThat(event.at("/messageId").asText()).isEqualTo("message-" + number);
                assertThat(event.at("/correlationId").asText()).isEqualTo("run/1 + 2");
                assertThat(event.at("/contentType").asText()).isEqualTo("application/json");
                assertThat(event.at("/properties").toString()).isEqualTo("{\"alert\":\"number-" + number + "\"}");
                assertThat(event.at("/offset").asText())
                        .isEqualTo(event.at("/sequenceNumber").asText());
                var system = event.at("/systemProperties");
                assertThat(system.path("iothub-connection-auth-method").asText())
                        .isEqualTo("{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}");
                assertThat(system.path("iothub-message-source").asText()).isEqualTo("Telemetry");
            }
            long third = events.at("/2/sequenceNumber").asLong();
            var positions = saw.at("/positions");
            assertThat(positions.path("inclusive").asLong()).isEqualTo(third);
            assertThat(positions.path("exclusive").asLong()).isEqualTo(third + 1);
            assertThat(positions.path("offset").asLong()).isEqualTo(third + 1);
            assertThat(positions.path("enqueuedOn").asLong()).isBetween(0L, third);
            assertThat(positions.path("earliest").asLong()).isZero();
            assertThat(saw.at("/tracked/sequenceNumber").asLong())
                    .isGreaterThanOrEqualTo(events.at("/19/sequenceNumber").asLong());
            assertThat(saw.at("/latest").asLong())
                    .isGreaterThan(events.at("/19/sequenceNumber").asLong());

            assertThat(saw.at("/stolen").asText()).isEqualTo("ReceiverDisconnectedError");
            assertThat(saw.at("/refused").asText()).isEqualTo("ReceiverDisconnectedError");
            assertThat(saw.at("/stays").asText()).isEqualTo("reading");
            assertThat(saw.at("/unknownGroup").asText()).isEqualTo("MessagingEntityNotFoundError");
        } finally {
            BackEnd.call("DELETE", "/hub/consumerGroups/" + name, "");
        }
    }

    /** A port counts for WebSockets as well as for AMQP. */
    private static String ofSecondGateway(String transport) {
        var ports = transport.equals("websocket")
                ? TheHub.facts().httpsPorts()
                : TheHub.facts().amqpPorts();
        return TheHub.facts()
                .environment()
                .get("EVENTHUB_CONNECTION_STRING")
                .replace("sb://" + TheHub.host(), "sb://" + TheHub.host() + ":" + ports.get(TheHub.SECOND_GATEWAY));
    }
}
