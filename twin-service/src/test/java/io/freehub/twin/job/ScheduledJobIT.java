package io.freehub.twin.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.service.json.HubJson;
import io.freehub.store.Database;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.testing.TestPostgres;
import io.freehub.testing.TopicReader;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.TwinServiceTest;
import io.freehub.twin.search.TwinSearch;
import io.freehub.twin.twin.Twins;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs by the service's own worker, and step by step by a test that stands for replicas. */
@TwinServiceTest
class ScheduledJobIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

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
    JobMetrics metrics;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final String id = "Job-" + UUID.randomUUID();
    private final String fleet = BackEnd.newId();
    private final String ofFleet = "tags.fleet = '" + fleet + "'";
    private BackEnd service;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
    }

    @AfterEach
    void leaveNoJob() throws InterruptedException {
        for (var job : service.get("/jobs/v2/query").json()) {
            service.post("/jobs/v2/" + job.get("jobId").asText() + "/cancel", "");
        }
        if (!worker.isAlive()) {
            worker.start();
        }
    }

    @Test
    void jobMergesIntoTheTwinsThatMeetItsConditionAndTellsOfEach() {
        var devices = fleet(3);
        var other = device(fleet + "-other", "{\"fleet\":\"other\"}");
        try (var changes = TopicReader.fromNow(Topic.TWIN_CHANGES.name())) {
            var created = create("""
                    {"jobId":7,"type":"scheduleUpdateTwin","queryCondition":"%s","startTime":null,
                     "maxExecutionTimeInSeconds":60,"updateTwin":{"etag":"*","tags":{"n":1.0,"fleet":null},
                     "properties":{"desired":{"b":2}}}}""".formatted(ofFleet));

            assertThat(created.status()).as(created.body()).isEqualTo(200);
            assertThat(created.header("Content-Type")).isEqualToIgnoringCase("application/json; charset=utf-8");
            assertThat(created.body())
                    .isEqualTo("{\"jobId\":\"" + id + "\",\"type\":\"scheduleUpdateTwin\",\"status\":\"queued\"}");
            var job = ended("completed");

            assertThat(names(job))
                    .containsExactlyInAnyOrder(
                            "jobId",
                            "type",
                            "status",
                            "queryCondition",
                            "createdTime",
                            "startTime",
                            "endTime",
                            "maxExecutionTimeInSeconds",
                            "updateTwin",
                            "deviceJobStatistics");
            assertThat(job.get("updateTwin").toString())
                    .isEqualTo(
                            "{\"etag\":\"*\",\"tags\":{\"n\":1.0,\"fleet\":null},\"properties\":{\"desired\":{\"b\":2}}}");
            assertThat(job.get("deviceJobStatistics").toString())
                    .isEqualTo("{\"deviceCount\":3,\"failedCount\":0,\"succeededCount\":3,\"runningCount\":0,"
                            + "\"pendingCount\":0}");
            assertThat(Instant.parse(job.get("endTime").asText()))
                    .isAfterOrEqualTo(Instant.parse(job.get("startTime").asText()));
            for (var device : devices) {
                var twin = service.get("/twins/" + device);
                assertThat(twin.body()).contains("\"tags\":{\"n\":1.0}");
                assertThat(twin.text("/properties/desired/b")).isEqualTo("2");
                assertThat(twin.text("/properties/desired/$version")).isEqualTo("2");
                assertThat(twin.text("/version")).isEqualTo("4");
            }
            assertThat(service.get("/twins/" + other).text("/version")).isEqualTo("3");
            var told = changes.awaitCount(3, record -> record.key().startsWith(fleet), TopicReader.PATIENCE).stream()
                    .map(record -> HubJson.read(record.value(), TwinChange.class))
                    .toList();
            assertThat(told).extracting(TwinChange::version).containsExactly(4L, 4L, 4L);
            assertThat(told.getFirst().body())
                    .startsWith(
                            "{\"version\":4,\"tags\":{\"n\":1.0,\"fleet\":null},\"properties\":{\"desired\":{\"b\":2,");
            assertThat(changes.readToEnd().stream()
                            .filter(record -> record.key().startsWith(fleet)))
                    .hasSize(3);
        }
    }

    @Test
    void starStandsForAllDevicesAndForNoModule() {
        var device = device(fleet, "{}");
        var module = IdentityId.parse(device + "/m");
        registry.addModule(module);
        service.patch("/twins/" + device + "/modules/m", "{\"tags\":{\"of\":\"module\"}}");

        create(body("*", "\"tags\":{\"all\":\"" + id + "\"}"));

        ended("completed");
        assertThat(service.get("/twins/" + device).text("/tags/all")).isEqualTo(id);
        assertThat(service.get("/twins/" + device + "/modules/m").text("/version"))
                .isEqualTo("3");
    }

    @Test
    void secondJobOfTheSameIdIsRefused() {
        create(body(ofFleet, "\"tags\":{\"a\":1}"));

        var second = create(body(ofFleet, "\"tags\":{\"a\":1}"));

        assertThat(second.status()).isEqualTo(409);
        assertThat(second.header("iothub-errorcode")).isEqualTo("JobAlreadyExists");
        assertThat(second.text("/Message")).startsWith("ErrorCode:JobAlreadyExists;");
        assertThat(second.text("/ExceptionMessage")).startsWith("Tracking ID:");
    }

    @Test
    void etagThatIsNotAStarIsRefused() {
        var answer = create(body(ofFleet, "\"etag\":\"AAAAAAAAAAE=\",\"tags\":{\"a\":1}"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("ArgumentInvalid");
        assertThat(answer.text("/Message")).contains("only accepts '*' as the Etag");
        assertThat(state().get("status").asText()).isEqualTo("unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{\"type\":\"scheduleUpdateTwin\"}"})
    void bodyThatIsNoneIsRefused(String body) {
        assertThat(create(body).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%20b", "%C3%A4", "a%2Fb"})
    void idOfOtherCharactersMakesNoJob(String other) {
        var answer = service.put("/jobs/v2/" + other, body(ofFleet, "\"tags\":{\"a\":1}"));

        assertThat(answer.status()).isIn(400, 404);
    }

    @Test
    void unknownJobIsOfUnknownType() {
        var answer = service.get("/jobs/v2/" + id);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"jobId\":\"" + id + "\",\"type\":\"unknown\",\"status\":\"unknown\"}");
        var cancelled = service.post("/jobs/v2/" + id + "/cancel", "{}");
        assertThat(cancelled.status()).isEqualTo(404);
        assertThat(cancelled.header("iothub-errorcode")).isEqualTo("JobNotFound");
    }

    @Test
    void finishedJobCannotBeCancelled() {
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        ended("completed");

        var answer = service.post("/jobs/v2/" + id + "/cancel", "");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("OperationNotAllowedInCurrentState");
        assertThat(answer.text("/Message")).contains("is completed");
        assertThat(state().get("status").asText()).isEqualTo("completed");
    }

    @Test
    void badConditionIsAcceptedAndFailsTheJobWithTheReason() {
        assertThat(create(body("tags.a = = 1", "\"tags\":{\"a\":1}")).status()).isEqualTo(200);

        var job = ended("failed");

        assertThat(job.get("failureReason").asText()).startsWith("queryCondition: line 1, column 10: unexpected '='");
        assertThat(job.get("deviceJobStatistics").get("deviceCount").asInt()).isZero();
    }

    @Test
    void jobOfTheFutureWaitsAndCanBeCancelled() {
        var device = fleet(1).getFirst();
        var start = Instant.now().plus(Duration.ofHours(1)).toString();
        create(body(ofFleet, "\"tags\":{\"a\":1}")
                .replace("\"queryCondition\"", "\"startTime\":\"" + start + "\",\"queryCondition\""));

        await().atMost(PATIENCE).until(() -> state().get("status").asText().equals("scheduled"));
        var cancelled =
                service.send("POST", "/jobs%2Fv2/" + id + "%2fcancel", "{}", "Content-Type", "application/json");

        assertThat(cancelled.status()).as(cancelled.body()).isEqualTo(200);
        assertThat(cancelled.text("/status")).isEqualTo("cancelled");
        assertThat(cancelled.text("/startTime").substring(0, 19)).isEqualTo(start.substring(0, 19));
        assertThat(cancelled.json().has("deviceJobStatistics")).isFalse();
        assertThat(cancelled.json().has("endTime")).isTrue();
        assertThat(service.get("/twins/" + device).text("/version")).isEqualTo("3");
    }

    @Test
    void jobBeginsWhenItsTimeHasCome() throws InterruptedException {
        worker.stop();
        fleet(1);
        create(body(ofFleet, "\"tags\":{\"a\":1}")
                .replace(
                        "\"queryCondition\"",
                        "\"startTime\":\"" + Instant.now().plus(Duration.ofHours(1)) + "\",\"queryCondition\""));
        var now = steps(Duration.ZERO);
        now.next();
        assertThat(state().get("status").asText()).isEqualTo("scheduled");
        assertThat(now.next()).isPositive();

        finish(steps(Duration.ofMinutes(61)));

        assertThat(state().get("status").asText()).isEqualTo("completed");
    }

    @Test
    void deviceThatIsGoneAndOneThatBecomesTooLargeFailAloneAndTheJobCompletes() throws Exception {
        worker.stop();
        var devices = fleet(4);
        service.patch(
                "/twins/" + devices.get(1),
                "{\"tags\":{\"big\":\"" + "x".repeat(4000) + "\",\"more\":\"" + "x".repeat(4000) + "\"}}");
        create(body(ofFleet, "\"tags\":{\"a\":\"" + "y".repeat(200) + "\"}"));
        var steps = steps(Duration.ZERO);
        steps.next(); // begins
        steps.next(); // gathers a page of three
        sql("delete from twin where id = '" + devices.getFirst() + "'");

        finish(steps);

        assertThat(statistics(ended("completed"))).isEqualTo("4 devices, 2 failed, 2 succeeded, 0 pending");
        var records = records("SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '" + id + "'");
        assertThat(records).hasSize(4);
        assertThat(records.getFirst().get("error").get("code").asText()).isEqualTo("DeviceNotFound");
        assertThat(records.get(1).get("error").get("code").asText()).isEqualTo("ArgumentInvalid");
        assertThat(records.get(1).get("error").get("description").asText()).contains("tags");
        assertThat(names(records.get(2)))
                .containsExactly(
                        "deviceId",
                        "jobId",
                        "jobType",
                        "status",
                        "startTimeUtc",
                        "endTimeUtc",
                        "createdDateTimeUtc",
                        "lastUpdatedDateTimeUtc");
        assertThat(records.get(2).get("status").asText()).isEqualTo("completed");
        assertThat(Instant.parse(records.get(2).get("endTimeUtc").asText()))
                .isBefore(Instant.now().plusSeconds(5));
        assertThat(records("SELECT * FROM devices.jobs WHERE devices.jobs.status = 'failed' AND deviceId = '"
                        + devices.get(1) + "' AND error.code = 'ArgumentInvalid'"))
                .hasSize(1);
    }

    @Test
    void cancelledWhileItRunsLeavesTheRest() throws Exception {
        worker.stop();
        var devices = fleet(7);
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        var steps = steps(Duration.ZERO);
        IntStream.range(0, 5).forEach(_ -> steps.next()); // begins, three pages, a batch
        assertThat(statistics(state())).isEqualTo("7 devices, 0 failed, 3 succeeded, 4 pending");
        assertThat(records("SELECT * FROM devices.jobs WHERE jobId = '" + id + "' AND status = 'pending'"))
                .hasSize(4)
                .allSatisfy(record -> assertThat(record.get("status").asText()).isEqualTo("scheduled"));

        assertThat(service.post("/jobs/v2/" + id + "/cancel", "").text("/status"))
                .isEqualTo("cancelled");
        finish(steps);

        assertThat(statistics(state())).isEqualTo("7 devices, 0 failed, 3 succeeded, 0 pending");
        assertThat(versions(devices)).containsExactly(4, 4, 4, 3, 3, 3, 3);
        assertThat(records("SELECT * FROM devices.jobs WHERE jobId = '" + id + "' AND status = 'canceled'"))
                .hasSize(4)
                .allSatisfy(record -> assertThat(record.get("status").asText()).isEqualTo("cancelled"));
    }

    @Test
    void whatIsNotDoneInTimeFails() throws Exception {
        worker.stop();
        var devices = fleet(4);
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        var steps = steps(Duration.ZERO);
        IntStream.range(0, 4).forEach(_ -> steps.next()); // begins, two pages, a batch
        assertThat(state().get("status").asText()).isEqualTo("running");

        finish(steps(Duration.ofSeconds(61)));

        var job = ended("failed");
        assertThat(statistics(job)).isEqualTo("4 devices, 1 failed, 3 succeeded, 0 pending");
        assertThat(job.get("failureReason").asText()).contains("maxExecutionTimeInSeconds of 60");
        assertThat(versions(devices)).containsExactly(4, 4, 4, 3);
        var record = records("SELECT * FROM devices.jobs WHERE jobId = '" + id + "' AND status = 'failed'")
                .getFirst();
        assertThat(record.get("deviceId").asText()).isEqualTo(devices.getLast());
        assertThat(record.get("error").get("code").asText()).isEqualTo("GenericTimeout");
        assertThat(record.has("endTimeUtc")).isTrue();
        assertThat(record.has("startTimeUtc")).isFalse();
    }

    @Test
    void anotherGoesOnWhereOneStoppedAndNoDeviceIsWrittenTwice() throws Exception {
        worker.stop();
        var devices = fleet(10);
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        for (int stepsOfEach = 1; open(); stepsOfEach++) {
            var replica = steps(Duration.ZERO);
            for (int i = 0; i < stepsOfEach && open(); i++) {
                replica.next();
            }
        }

        assertThat(statistics(ended("completed"))).isEqualTo("10 devices, 0 failed, 10 succeeded, 0 pending");
        assertThat(versions(devices)).containsOnly(4);
    }

    @Test
    void serviceThatIsStoppedInTheMidstGoesOn() throws Exception {
        worker.stop();
        var devices = fleet(10);
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        var steps = steps(Duration.ZERO);
        IntStream.range(0, 6).forEach(_ -> steps.next()); // begins, four pages, a batch

        worker.start();

        assertThat(statistics(ended("completed"))).isEqualTo("10 devices, 0 failed, 10 succeeded, 0 pending");
        assertThat(versions(devices)).containsOnly(4);
    }

    @Test
    void stepThatIsLostWithItsConnectionIsDoneAgainAndCountsOnce() throws Exception {
        worker.stop();
        var devices = fleet(3);
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        var steps = steps(Duration.ZERO);
        IntStream.range(0, 3).forEach(_ -> steps.next()); // begins, a page, an empty one
        try (var connection = TestPostgres.database(TwinServiceTest.DATABASE).connect();
                var statement = connection.createStatement();
                var killer = TestPostgres.database(TwinServiceTest.DATABASE).connect();
                var kill = killer.createStatement()) {
            // The batch has locked the job and waits for a twin; then it loses its connection.
            connection.setAutoCommit(false);
            statement.execute("select from twin where id = '" + devices.getLast() + "' for update");
            var step = Executors.newSingleThreadExecutor().submit(steps::next);
            await().atMost(PATIENCE).until(() -> {
                try (var killed = kill.executeQuery("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where wait_event_type = 'Lock' and query like '%from twin%' and pid <> pg_backend_pid()")) {
                    return killed.next();
                }
            });
            connection.rollback();
            assertThat(step.get()).isZero();
        }
        assertThat(versions(devices)).containsOnly(3);
        assertThat(statistics(state())).isEqualTo("3 devices, 0 failed, 0 succeeded, 3 pending");

        finish(steps(Duration.ofSeconds(10)));

        assertThat(statistics(ended("completed"))).isEqualTo("3 devices, 0 failed, 3 succeeded, 0 pending");
        assertThat(versions(devices)).containsOnly(4);
    }

    @Test
    void twoAtOnceDoEachDeviceOnce() throws Exception {
        worker.stop();
        var devices = fleet(60);
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        try (var replicas = Executors.newFixedThreadPool(3)) {
            var results = replicas.invokeAll(IntStream.range(0, 3)
                    .mapToObj(_ -> (Callable<Integer>) () -> {
                        var steps = steps(Duration.ZERO);
                        int done = 0;
                        while (open()) {
                            done += steps.next().isZero() ? 1 : 0;
                        }
                        return done;
                    })
                    .toList());
            int done = 0;
            for (var result : results) {
                assertThat(result.get()).isPositive();
                done += result.get();
            }
            // It begins, 20 pages and an empty one, 20 batches, it ends.
            assertThat(done).isEqualTo(1 + 21 + 20 + 1);
        }

        assertThat(statistics(ended("completed"))).isEqualTo("60 devices, 0 failed, 60 succeeded, 0 pending");
        assertThat(versions(devices)).containsOnly(4);
    }

    @Test
    void jobsTakeTurns() throws Exception {
        worker.stop();
        fleet(6);
        var other = "other-" + id;
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        service.put("/jobs/v2/" + other, body("deviceId = '" + fleet + "-000'", "\"tags\":{\"b\":1}"));
        // Slow enough that the first has to wait for its next batch.
        var steps = new JobSteps(
                store, search, twins, methods, database, config("devices-per-second", "1"), metrics, Clock.systemUTC());

        await().atMost(PATIENCE).until(() -> {
            steps.next();
            return service.get("/jobs/v2/" + other).text("/status").equals("completed");
        });

        assertThat(statistics(state())).isEqualTo("6 devices, 0 failed, 3 succeeded, 3 pending");
        assertThat(steps.next()).isPositive();
    }

    @Test
    void soManyJobsMayWait() {
        var ids = IntStream.range(0, 10).mapToObj(i -> id + i).toList();
        var later = body(ofFleet, "\"tags\":{\"a\":1}")
                .replace(
                        "\"queryCondition\"",
                        "\"startTime\":\"" + Instant.now().plus(Duration.ofHours(1)) + "\",\"queryCondition\"");
        for (var one : ids) {
            assertThat(service.put("/jobs/v2/" + one, later).status()).isEqualTo(200);
        }

        var refused = create(later);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("iothub-errorcode")).isEqualTo("ThrottlingMaxActiveJobCountExceeded");
        assertThat(refused.header("Retry-After")).isEmpty();

        service.post("/jobs/v2/" + ids.getFirst() + "/cancel", "");
        assertThat(create(later).status()).isEqualTo(200);
    }

    @Test
    void jobsAreListedByPagesTheLatestFirst() {
        for (int i = 0; i < 3; i++) {
            service.put("/jobs/v2/" + id + i, body("tags.a = = 1", "\"tags\":{\"a\":1}"));
            await().atMost(PATIENCE)
                    .until(() ->
                            service.get("/jobs/v2/" + id + "0").text("/status").equals("failed"));
        }
        await().atMost(PATIENCE)
                .until(() -> service.get("/jobs/v2/" + id + "2").text("/status").equals("failed"));
        var seen = new ArrayList<String>();
        var path = "/jobs/v2/query?jobType=ScheduleUpdateTwin&JobStatus=FAILED";
        var page = service.send("GET", path, null, "x-ms-max-item-count", "1");
        while (true) {
            assertThat(page.status()).as(page.body()).isEqualTo(200);
            assertThat(page.header("x-ms-item-type")).isEqualTo("JobResponse");
            assertThat(page.json()).hasSize(1);
            assertThat(page.body()).doesNotContain("null");
            seen.add(page.text("/0/jobId"));
            if (page.response().headers().firstValue("x-ms-continuation").isEmpty()) {
                break;
            }
            page = service.send(
                    "GET",
                    path,
                    null,
                    "x-ms-max-item-count",
                    "1",
                    "x-ms-continuation",
                    page.header("x-ms-continuation"));
        }
        assertThat(seen).doesNotHaveDuplicates();
        assertThat(seen.subList(0, 3)).containsExactly(id + "2", id + "1", id + "0");

        assertThat(service.get("/jobs/v2/query?jobType=export&jobStatus=Completed")
                        .body())
                .isEqualTo("[]");
        assertThat(service.get("/jobs/v2/query?jobStatus=running").json()).isEmpty();
        assertThat(service.send("GET", path, null, "x-ms-continuation", "nonsense")
                        .status())
                .isEqualTo(400);
        assertThat(service.get("/jobs/v2/query?jobStatus=nonsense").status()).isEqualTo(400);
    }

    @Test
    void jobsOfLongAgoAreForgottenWithTheirDevices() throws Exception {
        fleet(5);
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        ended("completed");
        sql("update scheduled_job set ended_at = now() - interval '29 days 23 hours' where id = '" + id + "'");
        steps(Duration.ZERO).forget();
        assertThat(records("SELECT * FROM devices.jobs WHERE jobId = '" + id + "'"))
                .hasSize(5);

        steps(Duration.ofHours(2)).forget();

        assertThat(state().get("status").asText()).isEqualTo("unknown");
        assertThat(records("SELECT * FROM devices.jobs WHERE jobId = '" + id + "'"))
                .isEmpty();
        assertThat(create(body(ofFleet, "\"tags\":{\"a\":1}")).status()).isEqualTo(200);
    }

    @Test
    void onlyWhoMayConnectToDevicesMayHaveJobs() {
        var registryOnly = BackEnd.of(port, "registryReadWrite");

        assertThat(registryOnly
                        .put("/jobs/v2/" + id, body(ofFleet, "\"tags\":{\"a\":1}"))
                        .status())
                .isEqualTo(401);
        assertThat(registryOnly.get("/jobs/v2/" + id).status()).isEqualTo(401);
        assertThat(registryOnly.post("/jobs/v2/" + id + "/cancel", "").status()).isEqualTo(401);
        assertThat(registryOnly.get("/jobs/v2/query").status()).isEqualTo(401);
        assertThat(service.get("/jobs/v2/" + id + "?api-version=1").status()).isEqualTo(400);
    }

    @Test
    void jobsAreCountedAndTheWorkerIsWatched() {
        double before = metric("freehub_jobs_finished_total{result=\"completed\"");
        create(body(ofFleet, "\"tags\":{\"a\":1}"));
        ended("completed");

        await().atMost(PATIENCE).until(() -> metric("freehub_jobs_finished_total{result=\"completed\"") == before + 1);
        assertThat(metric("freehub_jobs_operations_total{op=\"create\",result=\"success\""))
                .isPositive();
        assertThat(metric("freehub_jobs_devices_total{result=\"success\"")).isNotNegative();
        assertThat(service.get("/q/health/live").body()).contains("scheduled-jobs");
    }

    private double metric(String start) {
        return service.get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(start))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    /** Devices of one fleet, whose twins are of version 3. */
    private List<String> fleet(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> device("%s-%03d".formatted(fleet, i), "{\"fleet\":\"" + fleet + "\"}"))
                .toList();
    }

    private String device(String device, String tags) {
        registry.addDevice(IdentityId.parse(device));
        assertThat(service.patch("/twins/" + device, "{\"tags\":" + tags + "}").status())
                .isEqualTo(200);
        return device;
    }

    private List<Integer> versions(List<String> devices) {
        return devices.stream()
                .map(device ->
                        service.get("/twins/" + device).json().get("version").asInt())
                .toList();
    }

    private Answer create(String body) {
        return service.put("/jobs/v2/" + id, body);
    }

    private static String body(String condition, String update) {
        return "{\"type\":\"scheduleUpdateTwin\",\"queryCondition\":\"%s\",\"maxExecutionTimeInSeconds\":60,\"updateTwin\":{%s}}"
                .formatted(condition, update);
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
        var counts = job.get("deviceJobStatistics");
        return "%d devices, %d failed, %d succeeded, %d pending"
                .formatted(
                        counts.get("deviceCount").asInt(),
                        counts.get("failedCount").asInt(),
                        counts.get("succeededCount").asInt(),
                        counts.get("pendingCount").asInt());
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** What a replica of its own does, whose clock is ahead, with three devices at a time. */
    private JobSteps steps(Duration ahead) {
        return new JobSteps(
                store,
                search,
                twins,
                methods,
                database,
                config("devices-per-second", "1000000"),
                metrics,
                Clock.offset(Clock.systemUTC(), ahead));
    }

    private static TwinConfig config(String key, String value) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(TwinConfig.class)
                .withDefaultValue("freehub.twin.jobs.batch-size", "3")
                .withDefaultValue("freehub.twin.jobs.page-size", "3")
                .withDefaultValue("freehub.twin.jobs." + key, value)
                .build()
                .getConfigMapping(TwinConfig.class);
    }

    /** Does steps until the job has ended. */
    private void finish(JobSteps steps) {
        await().atMost(PATIENCE).until(() -> {
            if (open()) {
                steps.next();
            }
            return !open();
        });
    }

    private List<JsonNode> records(String query) {
        var body = new ObjectMapper().createObjectNode().put("query", query).toString();
        var answer = service.post("/devices/query", body, "Content-Type", "application/json");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        var records = new ArrayList<JsonNode>();
        answer.json().forEach(records::add);
        return records;
    }

    private static void sql(String statement) throws SQLException {
        try (var connection = TestPostgres.database(TwinServiceTest.DATABASE).connect();
                var update = connection.prepareStatement(statement)) {
            update.executeUpdate();
        }
    }
}
