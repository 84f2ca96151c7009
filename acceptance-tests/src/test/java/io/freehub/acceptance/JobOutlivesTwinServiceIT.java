package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A scheduled job goes on where it was when twin-service is killed in its midst, and no twin is written twice. */
class JobOutlivesTwinServiceIT {

    private static final int DEVICES = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void killedInTheMidst() {
        var devices = IntStream.range(0, DEVICES)
                .mapToObj("outlives-job-%03d"::formatted)
                .toList();
        BackEnd.create(devices);
        // The twin of each is there when it was asked for.
        assertThat(versions(devices)).containsOnly(2L);
        BackEnd.create(
                "/jobs/v2/outlives",
                Map.of(
                        "type", "scheduleUpdateTwin",
                        "queryCondition", "STARTSWITH(deviceId, 'outlives-job-')",
                        "updateTwin", Map.of("tags", Map.of("done", true))));
        var atTheKill = await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> state().at("/deviceJobStatistics/succeededCount").asInt(), done -> done > 0);

        TheHub.hub().kill("twin");
        TheHub.hub().awaitReady(PATIENCE);

        assertThat(atTheKill).isLessThan(DEVICES);
        var ended = await().atMost(PATIENCE).until(JobOutlivesTwinServiceIT::state, state -> state.has("endTime"));
        assertThat(ended.get("status").asText()).as(ended.toString()).isEqualTo("completed");
        assertThat(ended.at("/deviceJobStatistics/deviceCount").asInt()).isEqualTo(DEVICES);
        assertThat(ended.at("/deviceJobStatistics/succeededCount").asInt()).isEqualTo(DEVICES);
        assertThat(ended.at("/deviceJobStatistics/failedCount").asInt()).isZero();
        assertThat(versions(devices)).containsOnly(3L);
    }

    private static List<Long> versions(List<String> devices) {
        return devices.stream()
                .map(device -> BackEnd.call("GET", "/twins/" + device, "")
                        .get("version")
                        .asLong())
                .toList();
    }

    private static JsonNode state() {
        return BackEnd.call("GET", "/jobs/v2/outlives", "");
    }
}
