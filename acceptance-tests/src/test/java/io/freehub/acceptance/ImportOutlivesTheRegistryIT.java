package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.SymmetricKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An import goes on where it was when the registry is killed in its midst, and no line of it counts twice. */
class ImportOutlivesTheRegistryIT {

    private static final int DEVICES = 15_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void killedInTheMidst() throws Exception {
        var container = Path.of(TheHub.facts().environment().get("IOTHUB_STORAGE"), "outlives");
        Files.createDirectories(container);
        // Each must be new: one that is applied again would be an error. Last among all, so that lists are not full of
        // them.
        Files.writeString(
                container.resolve("devices.txt"),
                IntStream.range(0, DEVICES)
                        .mapToObj(ImportOutlivesTheRegistryIT::line)
                        .collect(Collectors.joining()));
        long before = registered();
        var job = BackEnd.call(
                        "POST",
                        "/jobs/create",
                        Map.of(
                                "type", "import",
                                "inputBlobContainerUri", "hub:///outlives",
                                "outputBlobContainerUri", "hub:///outlives"))
                .get("jobId")
                .asText();
        var atTheKill = await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> state(job).get("progress").asInt(), progress -> progress > 5);

        TheHub.hub().kill("registry");
        TheHub.hub().awaitReady(PATIENCE);

        assertThat(atTheKill).isLessThan(90);
        var ended = await().atMost(PATIENCE).until(() -> state(job), state -> state.has("endTimeUtc"));
        assertThat(ended.get("status").asText()).as(ended.toString()).isEqualTo("completed");
        assertThat(container.resolve("importErrors.log")).isEmptyFile();
        assertThat(registered() - before).isEqualTo(DEVICES);
    }

    private static JsonNode state(String job) {
        return BackEnd.call("GET", "/jobs/" + job, "");
    }

    private static long registered() {
        return BackEnd.call("GET", "/statistics/devices", "")
                .get("totalDeviceCount")
                .asLong();
    }

    private static String line(int number) {
        var key = SymmetricKey.generate().base64();
        return ("{\"id\":\"zz-outlives-%d\",\"status\":\"enabled\",\"importMode\":\"create\",\"authentication\":"
                        + "{\"type\":\"sas\",\"symmetricKey\":{\"primaryKey\":\"%s\",\"secondaryKey\":\"%s\"}}}\n")
                .formatted(number, key, key);
    }
}
