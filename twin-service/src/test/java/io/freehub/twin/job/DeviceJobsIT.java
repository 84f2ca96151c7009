package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.IdentityId;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinServiceTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code SELECT * FROM devices.jobs} as back ends send it: two jobs over three devices. */
@TwinServiceTest
class DeviceJobsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final String fleet = BackEnd.newId();
    private final String ours = "SELECT * FROM devices.jobs WHERE startswith(deviceId, '" + fleet + "')";
    private BackEnd service;

    @BeforeEach
    void doTwoJobs() {
        service = BackEnd.of(port, "service");
        for (var device : List.of("a", "b", "c")) {
            FakeRegistry.shared().addDevice(IdentityId.parse(fleet + "-" + device));
            assertThat(service.get("/twins/" + fleet + "-" + device).status()).isEqualTo(200);
        }
        // The ids are in another order than the jobs.
        done("2");
        done("1");
    }

    @Test
    void recordSaysWhatAJobHasDoneOnADevice() {
        var answer = query("SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '" + fleet + "-2'");

        assertThat(answer.header("x-ms-item-type")).isEqualTo("DeviceJob");
        assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("application/json; charset=utf-8");
        assertThat(answer.response().headers().firstValue("x-ms-continuation")).isEmpty();
        assertThat(names(answer.json())).containsExactly("2-a", "2-b", "2-c");
        var record = answer.json().get(0);
        assertThat(record.get("deviceId").asText()).isEqualTo(fleet + "-a");
        assertThat(record.get("jobId").asText()).isEqualTo(fleet + "-2");
        assertThat(record.get("jobType").asText()).isEqualTo("scheduleUpdateTwin");
        assertThat(record.get("status").asText()).isEqualTo("completed");
        for (var time : List.of("startTimeUtc", "endTimeUtc", "createdDateTimeUtc", "lastUpdatedDateTimeUtc")) {
            assertThat(record.get(time).asText())
                    .as(time)
                    .matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        }
        assertThat(record).hasSize(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // As Azure's documentation has it, names of its own included.
                "devices.jobs.deviceId = '%s-b' AND devices.jobs.jobType = 'scheduleTwinUpdate'"
                        + " AND devices.jobs.status = 'completed' AND devices.jobs.createdTimeUtc > '2016-09-01'",
                "DEVICEID IN ['%s-b'] AND jobType = 'scheduleUpdateTwin' AND endTimeUtc >= '2016-09-01T10:00:00+02:00'",
                "deviceId = '%s-b' AND NOT is_defined(error) AND lastUpdatedTimeUtc < '2999'",
                "deviceId = '%s-b' AND status NIN ['failed', 'canceled'] AND startTimeUtc <= endTimeUtc",
            })
    void conditionSelects(String condition) {
        var answer = query("SELECT * FROM devices.jobs WHERE " + condition.formatted(fleet));

        assertThat(names(answer.json())).containsExactly("2-b", "1-b");
    }

    @Test
    void conditionThatNoRecordMeetsSelectsNone() {
        for (var condition : List.of(
                "status = 'failed'",
                "jobType = 'scheduleDeviceMethod'",
                "error.code = 'DeviceNotFound'",
                "outcome.deviceMethodResponse.status = 200",
                "createdDateTimeUtc < '2016-09-01'",
                "nothing = 1")) {
            assertThat(query(ours + " AND " + condition).body()).as(condition).isEqualTo("[]");
        }
    }

    @Test
    void pagesHaveEachRecordOnceThoughFurtherJobsAreDone() {
        var first = query(ours, 2, Optional.empty());
        done("0");
        var second = query(ours, 2, next(first));
        var third = query(ours, 2, next(second));
        var fourth = query(ours, 2, next(third));
        var last = query(ours, 2, next(fourth));

        assertThat(names(first.json())).containsExactly("2-a", "2-b");
        assertThat(names(second.json())).containsExactly("2-c", "1-a");
        assertThat(names(third.json())).containsExactly("1-b", "1-c");
        assertThat(names(fourth.json())).containsExactly("0-a", "0-b");
        assertThat(names(last.json())).containsExactly("0-c");
        assertThat(next(last)).isEmpty();
    }

    @Test
    void topCountsOverPages() {
        var text = ours.replace("SELECT", "SELECT TOP 3");
        var first = query(text, 2, Optional.empty());
        var last = query(text, 2, next(first));

        assertThat(first.json()).hasSize(2);
        assertThat(names(last.json())).containsExactly("2-c");
        assertThat(next(last)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT jobId FROM devices.jobs",
                "SELECT COUNT() AS n FROM devices.jobs",
                "SELECT status, COUNT() AS n FROM devices.jobs GROUP BY status",
                "SELECT * FROM devices.jobs WHERE tags.site = 'a'",
                "SELECT * FROM devices.jobs WHERE jobId = 'a' AND properties.desired.a = 1",
                "SELECT * FROM devices.jobs WHERE connectionState = 'Connected'",
                "SELECT * FROM devices.jobs ORDER BY deviceId"
            })
    void whatRecordsCannotBeAskedForIsRefused(String text) {
        var answer = query(text);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
        assertThat(answer.text("/Message")).startsWith("ErrorCode:ArgumentInvalid;BadRequest: line 1, column ");
    }

    private void done(String job) {
        var created = service.put(
                "/jobs/v2/" + fleet + "-" + job,
                "{\"type\":\"scheduleUpdateTwin\",\"queryCondition\":\"startswith(deviceId, '" + fleet
                        + "')\",\"updateTwin\":{\"tags\":{\"a\":1}}}");
        assertThat(created.status()).as(created.body()).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> service.get("/jobs/v2/" + fleet + "-" + job)
                .text("/status")
                .equals("completed"));
    }

    /** Of each record what its job and its device have beside the fleet. */
    private List<String> names(JsonNode records) {
        var names = new ArrayList<String>();
        records.forEach(record -> names.add(record.get("jobId").asText().substring(fleet.length() + 1)
                + record.get("deviceId").asText().substring(fleet.length())));
        return names;
    }

    private static Optional<String> next(Answer answer) {
        return answer.response().headers().firstValue("x-ms-continuation");
    }

    private Answer query(String text) {
        return query(text, 100, Optional.empty());
    }

    private Answer query(String text, int size, Optional<String> token) {
        var headers = new ArrayList<>(List.of("Content-Type", "application/json", "x-ms-max-item-count", "" + size));
        token.ifPresent(sent -> headers.addAll(List.of("x-ms-continuation", sent)));
        return service.post(
                "/devices/query",
                new ObjectMapper().createObjectNode().put("query", text).toString(),
                headers.toArray(String[]::new));
    }
}
