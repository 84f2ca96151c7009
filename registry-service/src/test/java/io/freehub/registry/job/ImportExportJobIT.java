package io.freehub.registry.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SymmetricKey;
import io.freehub.model.Topic;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import io.freehub.store.Database;
import io.freehub.store.Waiting;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.testing.TestAzurite;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TestPostgres;
import io.freehub.testing.TopicReader;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs against a real blob storage and the hub's own. */
@RegistryTest
class ImportExportJobIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ALL = "rwdl";
    private static final ObjectMapper JSON = new ObjectMapper();

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @ConfigProperty(name = "freehub.registry.storage.directory")
    Path storage;

    @Inject
    JobWorker worker;

    @Inject
    JobStore store;

    @Inject
    Database database;

    private BackEnd owner;
    private final TestAzurite.Container container = TestAzurite.createContainer();
    private final String id = BackEnd.newId();

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @AfterEach
    void leaveNoJob() throws InterruptedException {
        for (var job : owner.get("/jobs").json()) {
            owner.delete("/jobs/" + job.get("jobId").asText());
        }
        if (!worker.isAlive()) {
            worker.start();
        }
    }

    @Test
    void givenDevicesAndModules_whenExportedAndImportedUnderOtherIds_thenTheyAreTheSame() {
        owner.put("/devices/" + id, "{\"status\":\"disabled\",\"statusReason\":\"spare\"}");
        owner.put("/devices/" + id + "/modules/m", "{\"managedBy\":\"me\"}");
        owner.put("/devices/" + id + "-ca", "{\"authentication\":{\"type\":\"certificateAuthority\"}}");
        var thumbprint = "A".repeat(40);
        owner.put(
                "/devices/" + id + "-x509",
                "{\"authentication\":{\"type\":\"selfSigned\",\"x509Thumbprint\":{\"primaryThumbprint\":\"" + thumbprint
                        + "\"}}}");
        var edge = owner.put("/devices/" + id + "-edge", "{\"capabilities\":{\"iotEdge\":true}}");

        var exported = completed(export(container.uri(ALL), ""));

        assertThat(exported.text("/type")).isEqualTo("export");
        assertThat(exported.json().get("progress").asInt()).isEqualTo(100);
        assertThat(Instant.parse(exported.text("/endTimeUtc"))).isAfterOrEqualTo(exported.text("/startTimeUtc"));
        assertThat(exported.body()).doesNotContain("sig=", "null");
        var lines = ours(container.read("devices.txt"));
        assertThat(lines).hasSize(7);
        var device = owner.get("/devices/" + id);
        assertThat(lines.getFirst()).isEqualTo("""
                {"id":"%s","eTag":"%s","status":"disabled","statusReason":"spare","authentication":{"symmetricKey":\
                {"primaryKey":"%s","secondaryKey":"%s"},"type":"sas"},"capabilities":{"iotEdge":false}}""".formatted(
                        id,
                        device.text("/etag"),
                        device.text("/authentication/symmetricKey/primaryKey"),
                        device.text("/authentication/symmetricKey/secondaryKey")));
        assertThat(lines).anyMatch(line -> line.contains("\"deviceScope\":\"" + edge.text("/deviceScope") + "\""));
        assertThat(container.has("freehub-" + exported.text("/jobId") + ".probe"))
                .isFalse();

        var other = id + "-other";
        container.write("import.txt", String.join("\n", lines).replace(id, other));
        completed(importBlob("import.txt"));

        assertThat(container.read("importErrors.log")).isEmpty();
        assertThat(owner.get("/devices/" + other).json().get("authentication"))
                .isEqualTo(device.json().get("authentication"));
        assertThat(owner.get("/devices/" + other).text("/statusReason")).isEqualTo("spare");
        assertThat(owner.get("/devices/" + other + "/modules/m").text("/managedBy"))
                .isEqualTo("me");
        assertThat(owner.get("/devices/" + other + "/modules/m").text("/authentication/symmetricKey/primaryKey"))
                .isEqualTo(owner.get("/devices/" + id + "/modules/m").text("/authentication/symmetricKey/primaryKey"));
        assertThat(owner.get("/devices/" + other + "-ca").text("/authentication/type"))
                .isEqualTo("certificateAuthority");
        assertThat(owner.get("/devices/" + other + "-x509").text("/authentication/x509Thumbprint/primaryThumbprint"))
                .isEqualTo(thumbprint);
        assertThat(owner.get("/devices/" + other + "-edge").text("/capabilities/iotEdge"))
                .isEqualTo("true");
        assertThat(owner.get("/devices/" + other + "-edge/modules").json()).hasSize(2);
    }

    @Test
    void givenKeysExcluded_whenExported_thenAWarningAndNoKey() {
        var key = owner.create(id).text("/authentication/symmetricKey/primaryKey");

        completed(export(container.uri(ALL), ",\"excludeKeysInExport\":true,\"outputBlobName\":\"a/b c.txt\""));

        var text = container.read("a/b%20c.txt");
        assertThat(text.lines().findFirst()).contains(ImportLine.KEYS_EXCLUDED);
        assertThat(text).doesNotContain(key);
        assertThat(ours(text).getFirst())
                .contains("\"symmetricKey\":{\"primaryKey\":null,\"secondaryKey\":null},\"type\":\"sas\"");
    }

    @Test
    void givenEveryMode_whenImported_thenEachLineStandsForItself() {
        for (var old :
                List.of("-update", "-match", "-stale", "-or", "-ormatch", "-orstale", "-delete", "-dmatch", "-dup")) {
            owner.create(id + old);
        }
        container.write(
                "devices.txt",
                """
                {"id":"%1$s-new","status":"disabled","importMode":"create"}
                {"id":"%1$s-dup","status":"enabled","importMode":"create"}
                {"id":"%1$s-update","status":"disabled","importMode":"update"}
                {"id":"%1$s-none","status":"disabled","importMode":"update"}
                {"id":"%1$s-match","status":"disabled","importMode":"updateIfMatchETag","etag":"TAG-match"}
                {"id":"%1$s-stale","status":"disabled","importMode":"updateIfMatchETag","eTag":"AAAA"}
                {"ID":"%1$s-or","STATUS":"disabled"}
                {"id":"%1$s-ornew","status":"disabled","importMode":"createOrUpdate"}
                {"id":"%1$s-ormatch","status":"disabled","importMode":"createOrUpdateIfMatchETag","eTag":"TAG-ormatch"}
                {"id":"%1$s-orstale","status":"disabled","importMode":"createOrUpdateIfMatchETag","eTag":"AAAA"}
                {"id":"%1$s-ormnew","status":"disabled","importMode":"createOrUpdateIfMatchETag","eTag":"AAAA"}
                {"id":"%1$s-delete","importMode":"delete"}
                {"id":"%1$s-dmatch","importMode":"deleteIfMatchETag","eTag":"*"}
                {"id":"%1$s-new","status":"disabled","moduleId":"m","importMode":"create","managedBy":"us"}

                {"id":"%1$s-twin","status":"enabled","importMode":"updateTwin","tags":{"a":1}}
                {"id":"%1$s-new","status":"enabled","tags":{"a":1},"properties":{"desired":{"$metadata":{},"$version":1}}}
                not JSON
                {"id":"%1$s-new","moduleId":"none","status":"enabled","importMode":"update"}
                """.formatted(id).replace("TAG-match", tag("-match")).replace("TAG-ormatch", tag("-ormatch")));

        var job = completed(importBlob("devices.txt"));

        assertThat(job.json().has("failureReason")).isFalse();
        assertThat(container.read("importErrors.log").lines().map(ImportExportJobIT::parsed))
                .extracting(error ->
                        error.path("deviceId").asText() + error.path("moduleId").asText() + " "
                                + error.get("errorCode").asInt())
                .containsExactly(
                        id + "-dup 409001",
                        id + "-none 404001",
                        id + "-stale 412001",
                        id + "-orstale 412001",
                        id + "-twin 400004",
                        " 400006",
                        id + "-newnone 404010");
        assertThat(container.read("importErrors.log")).contains("\"errorStatus\":\"line 18 is no JSON");
        for (var disabled : List.of("-update", "-match", "-or", "-ornew", "-ormatch", "-ormnew")) {
            assertThat(owner.get("/devices/" + id + disabled).text("/status"))
                    .as(disabled)
                    .isEqualTo("disabled");
        }
        for (var enabled : List.of("-stale", "-orstale", "-dup", "-new")) {
            assertThat(owner.get("/devices/" + id + enabled).text("/status"))
                    .as(enabled)
                    .isEqualTo("enabled");
        }
        for (var gone : List.of("-delete", "-dmatch", "-none", "-twin")) {
            assertThat(owner.get("/devices/" + id + gone).status()).as(gone).isEqualTo(404);
        }
        assertThat(owner.get("/devices/" + id + "-new/modules/m").text("/managedBy"))
                .isEqualTo("us");
    }

    @Test
    void givenLineThatCannotBeStored_whenImported_thenOnlyThatOneFails() {
        container.write(
                "devices.txt",
                line("-1") + "{\"id\":\"" + id + "-2\",\"status\":\"enabled\",\"statusReason\":\"a\\u0000b\"}\n"
                        + line("-3"));

        completed(importBlob("devices.txt"));

        assertThat(container.read("importErrors.log").lines())
                .singleElement()
                .asString()
                .contains(id + "-2");
        assertThat(owner.get("/devices/" + id + "-1").status()).isEqualTo(200);
        assertThat(owner.get("/devices/" + id + "-2").status()).isEqualTo(404);
        assertThat(owner.get("/devices/" + id + "-3").status()).isEqualTo(200);
    }

    @Test
    void givenManyDevices_whenImported_thenProgressIsSeenAndEachIsToldOnce() throws Exception {
        int count = 5000;
        container.write("devices.txt", lines(count));
        try (var events = TopicReader.fromNow(TestKafka.bootstrapServers(), Topic.REGISTRY.name())) {
            var job = importBlob("devices.txt");
            var seen = new TreeSet<Integer>();
            var statuses = new ArrayList<String>();
            awaitJob(job, state -> {
                seen.add(state.json().get("progress").asInt());
                statuses.add(state.text("/status"));
                return state.text("/status").equals("completed");
            });

            assertThat(seen).last().isEqualTo(100);
            assertThat(seen.subSet(0, false, 100, false)).isNotEmpty();
            assertThat(statuses).contains("running");
            assertThat(registered()).isEqualTo(count);
            assertThat(events.awaitCount(count, record -> record.key().startsWith(id), PATIENCE))
                    .allMatch(record ->
                            HubJson.read(record.value(), RegistryEvent.class) instanceof RegistryEvent.Created);
        }
    }

    @Test
    void givenImportUnderWay_whenTheWorkerStops_thenAnotherGoesOnWhereItWasAndNoLineIsDoneTwice() throws Exception {
        int count = 5000;
        // Each must be new: one that is applied again would be an error.
        container.write("devices.txt", lines(count).replace("\"status\"", "\"importMode\":\"create\",\"status\""));
        var job = importBlob("devices.txt");
        awaitJob(job, state -> state.json().get("progress").asInt() > 0);

        worker.stop();

        var stopped = owner.get("/jobs/" + job.text("/jobId"));
        assertThat(stopped.text("/status")).isEqualTo("running");
        assertThat(stopped.json().get("progress").asInt()).isBetween(1, 99);
        long before = registered();
        assertThat(before).isBetween(1L, count - 1L);
        worker.start();
        completed(job);
        assertThat(container.read("importErrors.log")).isEmpty();
        assertThat(registered()).isEqualTo(count);
    }

    @Test
    void givenImportUnderWay_whenCancelled_thenItStopsAndWhatIsDoneStays() throws Exception {
        int count = 20_000;
        container.write("devices.txt", lines(count));
        var job = importBlob("devices.txt");
        awaitJob(job, state -> state.json().get("progress").asInt() > 0);

        var cancelled = owner.delete("/jobs/" + job.text("/jobId"));

        assertThat(cancelled.status()).isEqualTo(200);
        assertThat(cancelled.text("/status")).isEqualTo("cancelled");
        long after = registered();
        assertThat(after).isBetween(1L, count - 1L);
        // The worker is free again, and this job's lines are not.
        completed(export(container.uri(ALL), ",\"outputBlobName\":\"later.txt\""));
        assertThat(registered()).isEqualTo(after);
        assertThat(ours(container.read("later.txt"))).hasSize(Math.toIntExact(after));
        assertThat(owner.get("/jobs/" + job.text("/jobId")).text("/status")).isEqualTo("cancelled");
        assertThat(owner.delete("/jobs/" + job.text("/jobId")).status()).isEqualTo(404);
    }

    @Test
    void givenActiveJob_whenAnotherIsMade_thenQuotaExceeded() throws Exception {
        worker.stop();
        var job = export(container.uri(ALL), "");
        assertThat(job.status()).as(job.body()).isEqualTo(200);
        assertThat(job.body())
                .isEqualTo("{\"jobId\":\"%s\",\"type\":\"export\",\"status\":\"enqueued\",\"progress\":0}"
                        .formatted(job.text("/jobId")));

        var second = export(container.uri(ALL), "");

        assertThat(second.status()).isEqualTo(403);
        assertThat(second.header("iothub-errorcode")).isEqualTo("JobQuotaExceeded");
        assertThat(owner.get("/jobs").json().get(0).get("jobId").asText()).isEqualTo(job.text("/jobId"));
        worker.start();
        completed(job);
        completed(export(container.uri(ALL), ""));
    }

    @Test
    void givenJobThatEnded_whenLookedUpInTheDatabase_thenNoSignatureIsLeft() throws Exception {
        var job = completed(export(container.uri(ALL), ""));

        try (var connection = TestPostgres.database(RegistryTest.DATABASE).connect();
                var query = connection.prepareStatement("select j::text from job j where id = ?")) {
            query.setString(1, job.text("/jobId"));
            try (var rows = query.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).contains("COMPLETED").doesNotContain("sig=");
            }
        }
    }

    @Test
    void givenJobOfLongAgo_whenListed_thenItIsNotThereAndForgottenByTheWorker() throws Exception {
        try (var connection = TestPostgres.database(RegistryTest.DATABASE).connect();
                var insert = connection.prepareStatement(
                        "insert into job (id, type, status, created_at, ended_at, blob, exclude_keys, total)"
                                + " values (?, 'EXPORT', 'COMPLETED', now() - interval '31 days',"
                                + " now() - interval '31 days', 'b', false, 0)")) {
            insert.setString(1, id);
            insert.executeUpdate();
        }
        var recent = completed(export(container.uri(ALL), ""));

        assertThat(owner.get("/jobs").body()).contains(recent.text("/jobId")).doesNotContain(id);
        Waiting.forIt(() -> database.write(() -> store.forget(Instant.now().minus(Duration.ofDays(30)))));
        assertThat(owner.get("/jobs/" + id).status()).isEqualTo(404);
        assertThat(owner.get("/jobs/" + recent.text("/jobId")).status()).isEqualTo(200);
    }

    @Test
    void givenContainersThatDoNotAllowIt_whenJobIsMade_thenRefusedAtOnceWithoutTheSignature() {
        container.write("devices.txt", line("-1"));

        assertRefused(export(container.uri("rl"), ""), "Unauthorized to write to output blob container");
        assertRefused(export(container.uri("rwl"), ""), "Unauthorized to delete from output blob container");
        assertRefused(export(container.uri(ALL).replace("sig=", "sig=A"), ""), "Unauthorized to write to output");
        assertRefused(
                create(importJson(container.uri("wd"), "devices.txt", container.uri(ALL))),
                "Unauthorized to read from input blob container");
        assertRefused(importBlob("none.txt"), "there is no blob 'none.txt' in the input blob container");
        assertRefused(export("http://127.0.0.1:1/c?sig=SECRET", ""), "the storage cannot be reached");
        assertRefused(export("ftp://host/c?sig=SECRET", ""), "begins with https://");
        assertRefused(export(container.uri(ALL), ",\"outputBlobName\":\"../x\""), "no empty, . or .. in its path");
        var nowhere = TestAzurite.createContainer().uri(ALL).replaceAll("/c-[^?]*", "/gone");
        assertRefused(export(nowhere, ""), "Unauthorized to write to output blob container");
    }

    @Test
    void givenOwnStorage_whenExportedAndImported_thenFilesAreTheOwnersAlone() throws Exception {
        owner.create(id);
        var name = "own-" + id.toLowerCase(Locale.ROOT);

        completed(export("hub:///" + name, ""));

        var file = storage.resolve(name).resolve("devices.txt");
        assertThat(ours(Files.readString(file))).hasSize(1);
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        Files.writeString(file, line("-imported"));
        completed(create(importJson("hub:///" + name, "devices.txt", "hub:///" + name)));
        assertThat(owner.get("/devices/" + id + "-imported").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub:///../up", "hub:///%2e%2e", "hub:////etc", "hub:///a/../../b", "hub://etc/passwd"})
    void givenContainerThatLeadsElsewhere_whenJobIsMade_thenRefused(String uri) throws IOException {
        assertRefused(export(uri, ""), "hub:///NAME");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../devices.txt", "/etc/passwd", "..", ".x", "a/b"})
    void givenBlobThatLeadsElsewhere_whenJobIsMade_thenRefused(String blob) throws Exception {
        assertRefused(create(importJson("hub:///somewhere", blob, "hub:///somewhere")), "input blob container");
        assertRefused(
                export("hub:///somewhere", ",\"outputBlobName\":\"" + blob + "\""), "a blob of the hub's own storage");
    }

    @Test
    void givenNoSuchJob_whenAskedFor_thenJobNotFound() {
        for (var answer : List.of(owner.get("/jobs/none"), owner.delete("/jobs/none"))) {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.header("iothub-errorcode")).isEqualTo("JobNotFound");
            assertThat(answer.text("/Message")).startsWith("ErrorCode:JobNotFound;");
        }
    }

    @Test
    void givenIncompleteRequests_whenPosted_thenSayWhatIsMissing() {
        assertThat(create("{\"type\":\"purge\"}").text("/Message")).contains("type is neither import nor export");
        assertThat(create("{\"type\":\"export\"}").text("/Message")).contains("outputBlobContainerUri is missing");
        assertThat(create("{\"type\":\"import\"}").text("/Message")).contains("inputBlobContainerUri is missing");
        var byIdentity = create("{\"type\":\"export\",\"storageAuthenticationType\":\"identityBased\"}");
        assertThat(byIdentity.header("iothub-errorcode")).isEqualTo("ManagedIdentityNotEnabled");
    }

    @Test
    void givenPolicies_whenTheyCall_thenOnlyThoseThatMay() {
        var reader = BackEnd.of(port, "registryRead");
        var device = BackEnd.of(port, "device");

        assertThat(reader.get("/jobs").status()).isEqualTo(200);
        assertThat(reader.post("/jobs/create", "{}").status()).isEqualTo(401);
        assertThat(reader.delete("/jobs/none").status()).isEqualTo(401);
        assertThat(device.get("/jobs").status()).isEqualTo(401);
        assertThat(device.get("/jobs/none").status()).isEqualTo(401);
    }

    private Answer export(String uri, String more) {
        return create("{\"type\":\"Export\",\"outputBlobContainerUri\":\"" + uri
                + "\",\"includeConfigurations\":true,\"storageAuthenticationType\":\"keyBased\"" + more + "}");
    }

    private Answer importBlob(String blob) {
        return create(importJson(container.uri("rl"), blob, container.uri(ALL)));
    }

    private static String importJson(String input, String blob, String output) {
        return "{\"type\":\"import\",\"inputBlobContainerUri\":\"%s\",\"inputBlobName\":\"%s\",\"outputBlobContainerUri\":\"%s\"}"
                .formatted(input, blob, output);
    }

    private Answer create(String json) {
        return owner.post("/jobs/create", json);
    }

    private Answer completed(Answer job) {
        var ended = awaitJob(job, state -> state.json().has("endTimeUtc"));
        assertThat(ended.text("/status")).as(ended.body()).isEqualTo("completed");
        return ended;
    }

    private Answer awaitJob(Answer job, Predicate<Answer> until) {
        assertThat(job.status()).as(job.body()).isEqualTo(200);
        var deadline = Instant.now().plus(PATIENCE);
        while (true) {
            var state = owner.get("/jobs/" + job.text("/jobId"));
            if (until.test(state)) {
                return state;
            }
            assertThat(state.json().has("endTimeUtc")).as(state.body()).isFalse();
            assertThat(Instant.now()).as(state.body()).isBefore(deadline);
        }
    }

    private static void assertRefused(Answer answer, String detail) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("BlobContainerValidationError");
        assertThat(answer.text("/Message"))
                .startsWith("ErrorCode:BlobContainerValidationError;")
                .contains(detail)
                .doesNotContain("sig=", "SECRET");
    }

    private String lines(int count) {
        return IntStream.range(0, count).mapToObj(i -> line("-" + i)).collect(Collectors.joining());
    }

    private String line(String suffix) {
        var key = SymmetricKey.generate().base64();
        return ("{\"id\":\"%s%s\",\"status\":\"enabled\",\"authentication\":{\"type\":\"sas\",\"symmetricKey\":"
                        + "{\"primaryKey\":\"%s\",\"secondaryKey\":\"%s\"}}}\n")
                .formatted(id, suffix, key, key);
    }

    private String tag(String suffix) {
        return owner.get("/devices/" + id + suffix).text("/etag");
    }

    /** Lines about this test's identities. */
    private List<String> ours(String exported) {
        return exported.lines()
                .filter(line -> line.startsWith("{\"id\":\"" + id))
                .toList();
    }

    private long registered() throws SQLException {
        try (var connection = TestPostgres.database(RegistryTest.DATABASE).connect();
                var query = connection.prepareStatement("select count(*) from identity where starts_with(id, ?)")) {
            query.setString(1, id);
            try (var rows = query.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }
}
