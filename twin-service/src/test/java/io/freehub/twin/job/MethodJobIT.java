package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.store.Database;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeCommands;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.TwinServiceTest;
import io.freehub.twin.search.TwinSearch;
import io.freehub.twin.twin.Twins;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that call methods, with a real server in the place of command-service. */
@TwinServiceTest
class MethodJobIT {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    JobWorker worker;

    @Inject
    JobStore store;

    @Inject
    TwinSearch search;

    @Inject
    Twins twins;

    @Inject
    MethodCalls methods;

    @Inject
    Database database;

    @Inject
    TwinConfig config;

    @Inject
    JobMetrics metrics;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final FakeCommands commands = FakeCommands.shared();
    private final String fleet = BackEnd.newId();
    private final String id = "Job-" + fleet;
    private BackEnd service;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
    }

    @AfterEach
    void leaveNoJob() throws InterruptedException {
        service.post("/jobs/v2/" + id + "/cancel", "");
        if (!worker.isAlive()) {
            worker.start();
        }
    }

    @Test
    void jobCallsTheMethodOfEachDeviceAndKeepsWhatItAnswers() {
        var devices = fleet(3);
        commands.answer(devices.get(0), 200, "{\"a\":1.0,\"n\":null,\"t\":\"}\\u0000\"}");
        commands.answer(devices.get(1), -3, "null");
        commands.fail(devices.get(2), HubError.DEVICE_NOT_ONLINE, "Timed out waiting for device to connect.");

        var created = create("\"methodName\":\"reboot\",\"payload\":{\"delay\":5.0},\"responseTimeoutInSeconds\":20");

        assertThat(created.status()).as(created.body()).isEqualTo(200);
        assertThat(created.body())
                .isEqualTo("{\"jobId\":\"" + id + "\",\"type\":\"scheduleDeviceMethod\",\"status\":\"queued\"}");
        var job = ended("completed");
        assertThat(job.get("cloudToDeviceMethod").toString())
                .isEqualTo("{\"methodName\":\"reboot\",\"payload\":{\"delay\":5.0},\"responseTimeoutInSeconds\":20,"
                        + "\"connectTimeoutInSeconds\":0}");
        assertThat(job.get("deviceJobStatistics").toString())
                .isEqualTo("{\"deviceCount\":3,\"failedCount\":1,\"succeededCount\":2,\"runningCount\":0,"
                        + "\"pendingCount\":0}");
        assertThat(commands.calls(fleet)).hasSize(3).allSatisfy(call -> assertThat(call.body())
                .isEqualTo(job.get("cloudToDeviceMethod").toString()));
        var records = query("");
        assertThat(records.body())
                .contains("\"outcome\":{\"deviceMethodResponse\":{\"status\":200,"
                        + "\"payload\":{\"a\":1.0,\"n\":null,\"t\":\"}\\u0000\"}}}")
                .contains("\"outcome\":{\"deviceMethodResponse\":{\"status\":-3,\"payload\":null}}");
        var failed = records.json().get(2);
        assertThat(failed.get("status").asText()).isEqualTo("failed");
        assertThat(failed.get("jobType").asText()).isEqualTo("scheduleDeviceMethod");
        assertThat(failed.get("error").toString())
                .isEqualTo(
                        "{\"code\":\"DeviceNotOnline\",\"description\":\"Timed out waiting for device to connect.\"}");
        assertThat(failed.has("outcome")).isFalse();
        assertThat(records.json().get(0).has("error")).isFalse();
        assertThat(Instant.parse(failed.get("startTimeUtc").asText()))
                .isBeforeOrEqualTo(Instant.parse(failed.get("endTimeUtc").asText()));
        assertThat(query(" AND outcome.deviceMethodResponse.status < 0").json()).hasSize(1);
        assertThat(query(" AND jobType = 'scheduleDeviceMethod' AND status = 'failed'")
                        .json())
                .hasSize(1);
        assertThat(service.get("/jobs/v2/query?jobType=ScheduleDeviceMethod&jobStatus=completed")
                        .body())
                .contains(id);
    }

    @Test
    void methodThatNoDeviceMayHaveIsRefused() {
        var answer = create("\"methodName\":\"m\",\"connectTimeoutInSeconds\":40");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("/Message")).contains("cannot be longer than an overall call timeout");
    }

    @Test
    void soManyAreCalledAtATimeAndASlowOneHoldsUpNobody() {
        var devices = fleet(40);
        var slow = commands.hold(devices.getFirst());

        create("\"methodName\":\"m\"");
        var twinJob = "T-" + fleet;
        await().atMost(PATIENCE)
                .until(() -> statistics(state()).equals("40 devices, 0 failed, 39 succeeded, 1 pending"));
        service.put(
                "/jobs/v2/" + twinJob,
                "{\"type\":\"scheduleUpdateTwin\",\"queryCondition\":\"tags.fleet = '" + fleet
                        + "'\",\"updateTwin\":{\"tags\":{\"a\":1}}}");
        await().atMost(PATIENCE)
                .until(() -> service.get("/jobs/v2/" + twinJob).text("/status").equals("completed"));
        assertThat(state().get("status").asText()).isEqualTo("running");
        slow.countDown();

        ended("completed");
        assertThat(commands.calls(fleet)).hasSize(40);
        assertThat(commands.mostAtATime(fleet)).isLessThanOrEqualTo(8);
    }

    @Test
    void whileCommandServiceIsAwayTheJobWaits() {
        var device = fleet(2).getFirst();
        commands.fail(device, HubError.SERVICE_UNAVAILABLE, "later");
        create("\"methodName\":\"m\"");
        await().atMost(PATIENCE).until(() -> statistics(state()).equals("2 devices, 0 failed, 1 succeeded, 1 pending"));

        commands.answer(device, 200, "1");

        ended("completed");
        assertThat(statistics(state())).isEqualTo("2 devices, 0 failed, 2 succeeded, 0 pending");
        assertThat(commands.calls(fleet).stream().filter(call -> !call.device().equals(device)))
                .hasSize(1);
    }

    @Test
    void runningJobIsCancelled() {
        var devices = fleet(20);
        var held = devices.stream().map(commands::hold).toList();
        create("\"methodName\":\"m\"");
        await().atMost(PATIENCE).until(() -> commands.calls(fleet).size() == 8);

        assertThat(service.post("/jobs/v2/" + id + "/cancel", "").status()).isEqualTo(200);

        // It hangs up, so there is room for others at once.
        var other = BackEnd.newId() + "-other";
        device(other);
        service.put(
                "/jobs/v2/" + other,
                "{\"type\":\"scheduleDeviceMethod\",\"queryCondition\":\"deviceId = '" + other
                        + "'\",\"cloudToDeviceMethod\":{\"methodName\":\"m\"}}");
        await().atMost(PATIENCE)
                .until(() -> service.get("/jobs/v2/" + other).text("/status").equals("completed"));
        assertThat(state().get("status").asText()).isEqualTo("cancelled");
        assertThat(commands.calls(fleet)).hasSize(8);
        assertThat(query(" AND status = 'cancelled'").json()).hasSize(20);
        held.forEach(CountDownLatch::countDown);
    }

    @Test
    void jobThatRunsOutOfTimeFailsWithTheDevicesThatHaveNotAnswered() {
        var devices = fleet(2);
        var held = commands.hold(devices.getFirst());
        create("\"methodName\":\"m\"", 4);

        ended("failed");

        assertThat(statistics(state())).isEqualTo("2 devices, 1 failed, 1 succeeded, 0 pending");
        assertThat(query(" AND error.code = 'GenericTimeout'").json()).hasSize(1);
        held.countDown();
    }

    @Test
    void afterAReplicaStopsAnotherCallsTheRestAndNobodyIsLeftOut() throws InterruptedException {
        var devices = fleet(20);
        var held = devices.subList(0, 5).stream().map(commands::hold).toList();
        create("\"methodName\":\"m\"");
        await().atMost(PATIENCE)
                .until(() -> statistics(state()).equals("20 devices, 0 failed, 15 succeeded, 5 pending"));
        worker.stop();
        held.forEach(CountDownLatch::countDown);

        assertThat(state().get("status").asText()).isEqualTo("running");
        var replica = replica(Duration.ZERO);
        await().atMost(PATIENCE).until(() -> {
            replica.next();
            return !open();
        });

        assertThat(statistics(state())).isEqualTo("20 devices, 0 failed, 20 succeeded, 0 pending");
        assertThat(commands.calls(fleet)).hasSize(25);
    }

    @Test
    void afterAReplicaIsKilledAnotherCallsTheRestOnceItsClaimIsOver() throws InterruptedException {
        var devices = fleet(4);
        worker.stop();
        var held = commands.hold(devices.getFirst());
        create("\"methodName\":\"m\"");
        var lost = replica(Duration.ZERO);
        await().atMost(PATIENCE).until(() -> {
            lost.next();
            return commands.calls(fleet).size() == 4;
        });
        // While the claim is held nobody else calls.
        var other = replica(Duration.ZERO);
        other.next();
        assertThat(commands.calls(fleet)).hasSize(4);
        // One whose clock is ahead stands for one that comes when the claim is over.
        var later = replica(Duration.ofSeconds(20));
        await().atMost(PATIENCE).until(() -> {
            later.next();
            return commands.calls(fleet).size() > 4;
        });
        held.countDown();
        await().atMost(PATIENCE).until(() -> {
            later.next();
            return !open();
        });

        assertThat(state().get("status").asText()).isEqualTo("completed");
        assertThat(statistics(state())).isEqualTo("4 devices, 0 failed, 4 succeeded, 0 pending");
    }

    private JobSteps replica(Duration ahead) {
        return new JobSteps(
                store, search, twins, methods, database, config, metrics, Clock.offset(Clock.systemUTC(), ahead));
    }

    private List<String> fleet(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> device("%s-%03d".formatted(fleet, i)))
                .toList();
    }

    private String device(String device) {
        registry.addDevice(IdentityId.parse(device));
        assertThat(service.patch("/twins/" + device, "{\"tags\":{\"fleet\":\"" + fleet + "\"}}")
                        .status())
                .isEqualTo(200);
        return device;
    }

    private Answer create(String method) {
        return create(method, 60);
    }

    private Answer create(String method, int seconds) {
        return service.put(
                "/jobs/v2/" + id,
                "{\"type\":\"scheduleDeviceMethod\",\"queryCondition\":\"startswith(deviceId, '" + fleet
                        + "')\",\"maxExecutionTimeInSeconds\":" + seconds + ",\"cloudToDeviceMethod\":{" + method
                        + "}}");
    }

    private Answer query(String condition) {
        return service.post(
                "/devices/query",
                new ObjectMapper()
                        .createObjectNode()
                        .put("query", "SELECT * FROM devices.jobs WHERE jobId = '" + id + "'" + condition)
                        .toString());
    }

    private JsonNode state() {
        return service.get("/jobs/v2/" + id).json();
    }

    private boolean open() {
        return !state().has("endTime");
    }

    private JsonNode ended(String status) {
        var job = await().atMost(PATIENCE).until(this::state, state -> state.has("endTime"));
        assertThat(job.get("status").asText()).as(job.toString()).isEqualTo(status);
        return job;
    }

    private static String statistics(JsonNode job) {
        var counts = job.path("deviceJobStatistics");
        return "%d devices, %d failed, %d succeeded, %d pending"
                .formatted(
                        counts.path("deviceCount").asInt(),
                        counts.path("failedCount").asInt(),
                        counts.path("succeededCount").asInt(),
                        counts.path("pendingCount").asInt());
    }
}
