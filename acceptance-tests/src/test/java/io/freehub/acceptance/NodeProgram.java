package io.freehub.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A program with Azure's SDK for Node.js as npm has it, that says in JSON what it saw. */
final class NodeProgram {

    private NodeProgram() {}

    /**
     * Runs it against the hub.
     *
     * @param command file and arguments
     */
    static JsonNode run(Map<String, String> more, String... command) throws IOException {
        var environment = new HashMap<>(more);
        environment.put("IOTHUB_CONNECTION_STRING", TheHub.connectionString());
        environment.put(
                "NODE_EXTRA_CA_CERTS", TheHub.facts().certificateAuthority().toString());
        var all = new ArrayList<>(List.of("node"));
        all.addAll(List.of(command));
        return new ObjectMapper().readTree(Program.output(Path.of("node"), environment, all));
    }
}
