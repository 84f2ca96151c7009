package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A rollout goes on where it was when twin-service is killed in its midst, and no twin is written twice. */
class RolloutOutlivesTwinServiceIT {

    private static final int DEVICES = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String OF_ALL = "STARTSWITH(deviceId, 'outlives-rollout-')";

    @Test
    void killedInTheMidst() {
        var devices = IntStream.range(0, DEVICES)
                .mapToObj("outlives-rollout-%03d"::formatted)
                .toList();
        BackEnd.create(devices);
        await().atMost(PATIENCE).until(() -> count(OF_ALL) == DEVICES);
        BackEnd.create(
                "/configurations/outlives",
                Map.of(
                        "content",
                        Map.of("deviceContent", Map.of("properties.desired.fan", Map.of("speed", 3))),
                        "targetCondition",
                        OF_ALL));
        var atTheKill = await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(RolloutOutlivesTwinServiceIT::applied, applied -> applied > 0);

        TheHub.hub().kill("twin");
        TheHub.hub().awaitReady(PATIENCE);

        assertThat(atTheKill).isLessThan(DEVICES);
        await().atMost(PATIENCE).until(() -> applied() == DEVICES);
        await().atMost(PATIENCE)
                .until(() -> BackEnd.call("GET", "/configurations/outlives", "")
                                .at("/systemMetrics/results/appliedCount")
                                .asInt()
                        == DEVICES);
        for (var device : devices) {
            var desired = BackEnd.call("GET", "/twins/" + device, "").at("/properties/desired");
            assertThat(desired.at("/fan/speed").asInt()).as(device).isEqualTo(3);
            assertThat(desired.get("$version").asInt()).as(device).isEqualTo(2);
        }
        BackEnd.call("DELETE", "/configurations/outlives", "");
    }

    private static int applied() {
        return count(OF_ALL + " AND configurations.[[outlives]].status = 'Applied'");
    }

    private static int count(String condition) {
        var rows = BackEnd.call(
                "POST", "/devices/query", Map.of("query", "SELECT COUNT() AS n FROM devices WHERE " + condition));
        return rows.path(0).path("n").asInt();
    }
}
