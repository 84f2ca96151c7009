package io.freehub.acceptance;

import static io.freehub.model.SystemProperty.CONNECTION_AUTH_GENERATION_ID;
import static io.freehub.model.SystemProperty.CONNECTION_AUTH_METHOD;
import static io.freehub.model.SystemProperty.CONNECTION_DEVICE_ID;
import static io.freehub.model.SystemProperty.CONNECTION_MODULE_ID;
import static io.freehub.model.SystemProperty.CONTENT_ENCODING;
import static io.freehub.model.SystemProperty.CONTENT_TYPE;
import static io.freehub.model.SystemProperty.CORRELATION_ID;
import static io.freehub.model.SystemProperty.ENQUEUED_TIME;
import static io.freehub.model.SystemProperty.MESSAGE_ID;
import static io.freehub.model.SystemProperty.MESSAGE_SOURCE;
import static io.freehub.model.SystemProperty.USER_ID;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.MessageProperties.Application;
import io.freehub.testing.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Azure's SDKs for Node.js as npm has them. */
class NodeSdkIT {

    private static final Path SCRIPTS = Path.of("node");

    @Test
    void backEndManagesIdentities() throws Exception {
        var saw = run(Map.of("IOTHUB_CONNECTION_STRING", TheHub.connectionString()), "registry.mjs", "node-managed");

        assertThat(saw.at("/created/deviceId").asText()).isEqualTo("node-managed");
        assertThat(saw.at("/created/status").asText()).isEqualTo("enabled");
        assertThat(saw.at("/created/authentication/symmetricKey/primaryKey").asText())
                .hasSize(44);
        assertThat(saw.at("/createdAgain").asText()).isEqualTo("DeviceAlreadyExistsError");
        assertThat(saw.at("/got")).isEqualTo(saw.at("/created"));
        assertThat(saw.at("/updated/status").asText()).isEqualTo("disabled");
        assertThat(saw.at("/updated/statusReason").asText()).isEqualTo("in repair");
        assertThat(saw.at("/updated/etag")).isNotEqualTo(saw.at("/created/etag"));
        assertThat(saw.at("/listed").toString()).contains("\"node-managed\"");
        assertThat(saw.at("/gotDeleted").asText()).isEqualTo("DeviceNotFoundError");
        assertThat(saw.at("/deletedAgain").asText()).isEqualTo("DeviceNotFoundError");
        assertThat(saw.at("/added/isSuccessful").asBoolean()).isTrue();
        assertThat(saw.at("/changedStatus").asText()).isEqualTo("disabled");
        assertThat(saw.at("/removed/isSuccessful").asBoolean()).isTrue();
        assertThat(saw.at("/gotRemoved").asText()).isEqualTo("DeviceNotFoundError");
    }

    @Test
    void backEndManagesModulesAndIsToldWhenATagIsStale() throws Exception {
        var saw = run(Map.of("IOTHUB_CONNECTION_STRING", TheHub.connectionString()), "modules.mjs", "node-modules");

        assertThat(saw.at("/added/moduleId").asText()).isEqualTo("burner");
        assertThat(saw.at("/added/managedBy").asText()).isEqualTo("me");
        assertThat(saw.at("/added/authentication/symmetricKey/primaryKey").asText())
                .hasSize(44);
        assertThat(saw.at("/addedAgain").asText()).isEqualTo("DeviceAlreadyExistsError");
        assertThat(saw.at("/got")).isEqualTo(saw.at("/added"));
        assertThat(saw.at("/updated/managedBy").asText()).isEqualTo("us");
        assertThat(saw.at("/updatedStale").asText()).isEqualTo("InvalidEtagError");
        assertThat(saw.at("/forced/managedBy").asText()).isEqualTo("all");
        assertThat(saw.at("/forced/authentication")).isEqualTo(saw.at("/added/authentication"));
        assertThat(saw.at("/listed"))
                .extracting(JsonNode::toString)
                .containsExactlyInAnyOrder(
                        "[\"$edgeAgent\",\"iotEdge\"]", "[\"$edgeHub\",\"iotEdge\"]", "[\"burner\",\"all\"]");
        assertThat(saw.at("/removedStale").asText()).isEqualTo("InvalidEtagError");
        assertThat(saw.at("/gotRemoved").asText()).isEqualTo("Error");
        assertThat(saw.at("/gotOfNoDevice").asText()).isEqualTo("DeviceNotFoundError");

        assertThat(saw.at("/oneIsStale").asText()).isEqualTo("ArgumentError");
        assertThat(saw.at("/statuses").toString()).isEqualTo("[\"disabled\",\"enabled\"]");
        assertThat(saw.at("/matching/isSuccessful").asBoolean()).isTrue();
        assertThat(saw.at("/statusMatching").asText()).isEqualTo("disabled");
    }

    @Test
    void moduleSendsAndIsNamedInTheEvents() throws Exception {
        var module = BackEnd.create(BackEnd.create("node-module-sends"), "burner");
        try (var events = new Events()) {
            var saw = run(Map.of("DEVICE_CONNECTION_STRING", module.connectionString()), "send.mjs", "3");

            assertThat(saw.at("/acknowledged").asInt()).isEqualTo(3);
            for (var event : events.of("node-module-sends", 3)) {
                assertThat(Events.properties(event).system())
                        .containsAllEntriesOf(Map.of(
                                CONNECTION_DEVICE_ID, "node-module-sends",
                                CONNECTION_MODULE_ID, "burner",
                                CONNECTION_AUTH_METHOD,
                                        "{\"scope\":\"module\",\"type\":\"sas\",\"issuer\":\"iothub\"}"));
            }
        }
    }

    @Test
    void deviceSendsAndEveryMessageIsAmongTheEvents() throws Exception {
        var device = BackEnd.create("node-sends");
        var generation = BackEnd.get(device.id()).at("/generationId").asText();
        var before = Instant.now().minus(Duration.ofSeconds(1));
        try (var events = new Events()) {
            var saw = run(Map.of("DEVICE_CONNECTION_STRING", device.connectionString()), "send.mjs", "10");

            assertThat(saw.at("/acknowledged").asInt()).isEqualTo(10);
            var arrived = events.of("node-sends", 10);
            for (int number = 0; number < 10; number++) {
                var event = arrived.get(number);
                var properties = Events.properties(event);
                assertThat(TopicReader.text(event)).isEqualTo("{\"number\":" + number + "}");
                assertThat(properties.system())
                        .containsAllEntriesOf(Map.of(
                                MESSAGE_ID, "message-" + number,
                                CORRELATION_ID, "run/1 + 2",
                                USER_ID, "jürgen",
                                CONTENT_TYPE, "application/json",
                                CONTENT_ENCODING, "utf-8",
                                CONNECTION_DEVICE_ID, "node-sends",
                                CONNECTION_AUTH_METHOD, "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}",
                                CONNECTION_AUTH_GENERATION_ID, generation,
                                MESSAGE_SOURCE, "Telemetry"));
                assertThat(Instant.parse(properties.system(ENQUEUED_TIME).orElseThrow()))
                        .isBetween(before, Instant.now());
                assertThat(properties.application())
                        .containsExactlyInAnyOrder(
                                new Application("alert", Optional.of(number % 2 == 0 ? "true" : "false")),
                                new Application("größe & maß", Optional.of("100 % = 1/1")));
            }
        }
    }

    private static JsonNode run(Map<String, String> environment, String script, String argument) throws Exception {
        var all = new HashMap<>(environment);
        all.put("NODE_EXTRA_CA_CERTS", TheHub.facts().certificateAuthority().toString());
        return new ObjectMapper().readTree(Program.output(SCRIPTS, all, List.of("node", script, argument)));
    }
}
