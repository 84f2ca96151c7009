package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Scheduled jobs with Azure's SDK for Node.js as npm has it. */
class NodeScheduledJobsIT {

    @Test
    void backEndSchedulesAndCancelsJobs() throws Exception {
        var saw = run("node-fleet");

        assertThat(saw.at("/created/jobId").asText()).isEqualTo("node-fleet-job");
        assertThat(saw.at("/created/status").asText()).isEqualTo("queued");
        assertThat(saw.at("/done/status").asText()).isEqualTo("completed");
        assertThat(saw.at("/done/deviceJobStatistics/deviceCount").asInt()).isEqualTo(3);
        assertThat(saw.at("/done/deviceJobStatistics/succeededCount").asInt()).isEqualTo(3);
        assertThat(saw.at("/done/maxExecutionTimeInSeconds").asInt()).isEqualTo(60);
        assertThat(saw.at("/done/updateTwin/tags/done").asBoolean()).isTrue();
        assertThat(saw.at("/twin/tags/done").asBoolean()).isTrue();
        assertThat(saw.at("/twin/properties/desired/interval").asInt()).isEqualTo(60);
        assertThat(saw.at("/twin/properties/desired/$version").asInt()).isEqualTo(2);
        assertThat(saw.at("/again").asText()).isNotEqualTo("none");
        assertThat(saw.at("/numbered/jobId").asText()).isEqualTo("4711");
        assertThat(saw.at("/numberedDone/status").asText()).isEqualTo("completed");
        assertThat(saw.at("/numberedDone/deviceJobStatistics/deviceCount").asInt())
                .isZero();
        assertThat(saw.at("/staleEtag").asText()).isEqualTo("ArgumentError");

        assertThat(saw.at("/later/status").asText()).isEqualTo("queued");
        assertThat(saw.at("/cancelled/status").asText()).isEqualTo("cancelled");
        assertThat(saw.at("/cancelledAgain").asText()).isNotEqualTo("none");
        assertThat(saw.at("/cancelUnknown").asText()).isNotEqualTo("none");
        assertThat(saw.at("/unknown/status").asText()).isEqualTo("unknown");
        assertThat(saw.at("/bad/status").asText()).isEqualTo("queued");
        assertThat(saw.at("/badDone/status").asText()).isEqualTo("failed");
        assertThat(saw.at("/badDone/failureReason").asText()).contains("queryCondition");

        assertThat(saw.at("/completed")).extracting(JsonNode::asText).contains("node-fleet-job", "4711");
        assertThat(saw.at("/methods")).isEmpty();

        assertThat(saw.at("/records"))
                .extracting(record -> record.path("deviceId").asText())
                .containsExactly("node-fleet-1", "node-fleet-2", "node-fleet-3");
        assertThat(saw.at("/records/0/status").asText()).isEqualTo("completed");
        assertThat(saw.at("/recordsOfDevice"))
                .extracting(record -> record.path("jobId").asText())
                .containsExactly("node-fleet-job");
        assertThat(saw.at("/projected").asText()).isEqualTo("ArgumentError");
    }

    private static JsonNode run(String prefix) throws Exception {
        var environment = Map.of(
                "IOTHUB_CONNECTION_STRING", TheHub.connectionString(),
                "NODE_EXTRA_CA_CERTS", TheHub.facts().certificateAuthority().toString());
        return new ObjectMapper()
                .readTree(Program.output(Path.of("node"), environment, List.of("node", "scheduled-jobs.mjs", prefix)));
    }
}
