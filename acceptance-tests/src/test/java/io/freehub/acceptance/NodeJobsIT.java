package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.DeviceId;
import io.freehub.testing.TestAzurite;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Many devices at once by Azure's service SDK for Node.js as npm has it. */
class NodeJobsIT {

    private static final Path SCRIPTS = Path.of("node");

    @Test
    void backEndExportsAndImports() throws Exception {
        BackEnd.create("node-exported");
        var exports = TestAzurite.createContainer();
        var imports = TestAzurite.createContainer();
        imports.write(
                "devices.txt",
                "{\"id\":\"node-imported\",\"status\":\"disabled\"}\n"
                        + "{\"id\":\"node-exported\",\"status\":\"enabled\",\"importMode\":\"create\"}\n");

        var saw = run("jobs.mjs", exports.uri("rwdl"), imports.uri("rl"));

        for (var job : List.of("exported", "imported")) {
            assertThat(saw.get(job).get("status").asText()).as(job).isEqualTo("completed");
            assertThat(saw.get(job).get("progress").asInt()).as(job).isEqualTo(100);
            assertThat(saw.get("listed").toString())
                    .contains(saw.get(job).get("jobId").asText());
        }
        assertThat(exports.read("devices.txt").lines())
                .anyMatch(line -> line.startsWith("{\"id\":\"node-exported\"") && line.contains("\"primaryKey\":null"));
        assertThat(exports.read("importErrors.log").lines())
                .singleElement()
                .asString()
                .contains("\"deviceId\":\"node-exported\"", "409001");
        assertThat(BackEnd.get(new DeviceId("node-imported")).get("status").asText())
                .isEqualTo("disabled");
        assertThat(saw.get("refused").asText()).contains("Unauthorized to write to output blob container");
        assertThat(saw.get("unknown").asText()).isEqualTo("Error: Not found");
        assertThat(saw.get("cancelled").asText()).isEqualTo("Error: Not found");
    }

    @Test
    void backEndChangesAHundredWithEachCall() throws Exception {
        var saw = run("bulk.mjs", "node-bulk");

        for (var call : List.of("added", "updated", "removed")) {
            assertThat(saw.get(call).get("isSuccessful").asBoolean())
                    .as(saw.get(call).toString())
                    .isTrue();
        }
        assertThat(saw.get("status").asText()).isEqualTo("disabled");
        assertThat(saw.get("addedAgain").toString())
                .contains("node-bulk-0", "node-bulk-1", "DeviceAlreadyExists")
                .doesNotContain("node-bulk-2");
        assertThat(saw.get("removedAgain").toString()).contains("DeviceNotFound");
    }

    private static JsonNode run(String script, String... arguments) throws Exception {
        var command =
                Stream.concat(Stream.of("node", script), Stream.of(arguments)).toList();
        return new ObjectMapper()
                .readTree(Program.output(
                        SCRIPTS,
                        Map.of(
                                "IOTHUB_CONNECTION_STRING",
                                TheHub.connectionString(),
                                "NODE_EXTRA_CA_CERTS",
                                TheHub.facts().certificateAuthority().toString()),
                        command));
    }
}
