package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.DeviceStatus;
import io.freehub.model.IdentityDescription;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.RegistryEvent;
import io.freehub.model.Topic;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TopicReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That each change is told, in order, and with what it changed. */
@RegistryTest
class IdentityEventsIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private BackEnd owner;
    private TopicReader events;
    private final String id = BackEnd.newId();
    private final String path = "/devices/" + id;

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
        events = TopicReader.fromNow(Topic.REGISTRY.name());
    }

    @AfterEach
    void close() {
        events.close();
    }

    @Test
    void givenDevice_whenCreatedDisabledAndDeleted_thenEachIsToldInOrder() {
        var created = owner.create(id);
        var updated = owner.put(path, "{\"status\":\"disabled\"}", "If-Match", "*");
        owner.delete(path, "If-Match", "*");

        var told = await(3);

        assertThat(told.get(0)).isInstanceOfSatisfying(RegistryEvent.Created.class, event -> {
            assertThat(event.generationId()).isEqualTo(created.text("/generationId"));
            assertThat(event.version()).isEqualTo(version(created.json()));
        });
        assertThat(told.get(1)).isInstanceOfSatisfying(RegistryEvent.Updated.class, event -> {
            assertThat(event.version()).isEqualTo(version(updated.json()));
            assertThat(event.status().wireName()).isEqualTo("disabled");
        });
        assertThat(told.get(2))
                .isInstanceOfSatisfying(RegistryEvent.Deleted.class, event -> assertThat(event.generationId())
                        .isEqualTo(created.text("/generationId")));
    }

    @Test
    void givenModule_whenCreatedUpdatedAndDeleted_thenEachIsToldUnderTheKeyOfItsDevice() {
        owner.create(id);
        var created = owner.put(path + "/modules/burner", "{}");
        var updated = owner.put(path + "/modules/burner", "{}", "If-Match", "*");
        owner.delete(path + "/modules/burner", "If-Match", "*");

        var burner = IdentityId.parse(id + "/burner");
        var generation = created.text("/generationId");
        assertThat(await(4).stream().skip(1).map(IdentityEventsIT::withoutTime))
                .containsExactly(
                        new RegistryEvent.Created(burner, generation, version(created.json()), Instant.EPOCH),
                        new RegistryEvent.Updated(
                                burner, generation, version(updated.json()), DeviceStatus.ENABLED, Instant.EPOCH),
                        new RegistryEvent.Deleted(burner, generation, Instant.EPOCH));
    }

    @Test
    void givenEdgeDevice_whenItComesAndGoes_thenItsModulesAreToldAfterItAndBeforeItsEnd() {
        owner.put(path, "{\"capabilities\":{\"iotEdge\":true}}");
        owner.put(path, "{}", "If-Match", "*");
        owner.put(path + "/modules/burner", "{}");
        owner.put(path, "{\"capabilities\":{\"iotEdge\":true}}", "If-Match", "*");
        owner.delete(path, "If-Match", "*");

        assertThat(await(14))
                .extracting(event -> event.getClass().getSimpleName() + " "
                        + event.identity().module().map(ModuleId::value).orElse("device"))
                .containsExactly(
                        "Created device",
                        "Created $edgeAgent",
                        "Created $edgeHub",
                        "Updated device",
                        "Deleted $edgeAgent",
                        "Deleted $edgeHub",
                        "Created burner",
                        "Updated device",
                        "Created $edgeAgent",
                        "Created $edgeHub",
                        "Deleted $edgeAgent",
                        "Deleted $edgeHub",
                        "Deleted burner",
                        "Deleted device");
    }

    @Test
    void givenRefusedChangesOfModules_whenTheyFail_thenNothingIsTold() {
        owner.create(id);
        owner.put(path + "/modules/$edgeAgent", "{}");
        owner.put(path + "/modules/burner", "{}", "If-Match", "*");
        owner.delete(path + "/modules/burner", "If-Match", "*");
        owner.put(path, "{}", "If-Match", "*");

        assertThat(await(2)).hasExactlyElementsOfTypes(RegistryEvent.Created.class, RegistryEvent.Updated.class);
        assertThat(events.readToEnd().stream().filter(this::isOurs)).hasSize(2);
    }

    @Test
    void givenModulesThatAreCreatedWhileTheirDeviceGoes_whenBothAreDone_thenEachCreationHasItsDeletion()
            throws Exception {
        int rounds = 5;
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < rounds; round++) {
                owner.create(id);
                var calls = new ArrayList<Callable<Integer>>();
                for (int i = 0; i < 7; i++) {
                    var module = path + "/modules/m" + i;
                    calls.add(() -> owner.put(module, "{}").status());
                }
                calls.add(3, () -> owner.delete(path, "If-Match", "*").status());
                for (var status : threads.invokeAll(calls)) {
                    assertThat(status.get()).isIn(200, 204, 404);
                }
            }
        }
        events.awaitCount(
                rounds,
                record -> isOurs(record)
                        && event(record) instanceof RegistryEvent.Deleted deleted
                        && !deleted.identity().isModule(),
                TopicReader.PATIENCE);
        assertBalance(events.readToEnd().stream()
                .filter(this::isOurs)
                .map(IdentityEventsIT::event)
                .toList());
    }

    /** Each identity that came went, and the device went after its modules. */
    private static void assertBalance(List<RegistryEvent> told) {
        var alive = new HashSet<IdentityId>();
        for (var event : told) {
            switch (event) {
                case RegistryEvent.Created created ->
                    assertThat(alive.add(created.identity())).isTrue();
                case RegistryEvent.Updated _ -> {}
                case RegistryEvent.Deleted deleted -> {
                    assertThat(alive.remove(deleted.identity())).isTrue();
                    if (!deleted.identity().isModule()) {
                        assertThat(alive).isEmpty();
                    }
                }
            }
        }
        assertThat(alive).isEmpty();
    }

    @Test
    void givenChanges_whenMetricsAreRead_thenCountedByKindAndChange() {
        double devices = counted("device", "created");
        double modules = counted("module", "created");
        double removed = counted("module", "deleted");

        owner.put(path, "{\"capabilities\":{\"iotEdge\":true}}");
        owner.put(path + "/modules/burner", "{}");
        owner.put(path + "/modules/burner", "{}");
        owner.delete(path, "If-Match", "*");

        assertThat(counted("device", "created")).isEqualTo(devices + 1);
        assertThat(counted("module", "created")).isEqualTo(modules + 3);
        assertThat(counted("module", "deleted")).isEqualTo(removed + 3);
    }

    private double counted(String kind, String change) {
        var line = "freehub_identity_changes_total{change=\"" + change + "\",kind=\"" + kind + "\"} ";
        return owner.get("/q/metrics?no-version")
                .body()
                .lines()
                .filter(text -> text.startsWith(line))
                .mapToDouble(text -> Double.parseDouble(text.substring(line.length())))
                .sum();
    }

    @Test
    void eventsDescribeTheIdentityWithoutItsSecrets() {
        owner.put(path, "{\"capabilities\":{\"iotEdge\":true}}");
        var thumbprint = "AB".repeat(20);
        var updated = owner.put(
                path,
                "{\"status\":\"disabled\",\"statusReason\":\"in repair\",\"capabilities\":{\"iotEdge\":true},"
                        + "\"authentication\":{\"type\":\"selfSigned\",\"x509Thumbprint\":{\"primaryThumbprint\":\""
                        + thumbprint + "\"}}}",
                "If-Match",
                "*");

        // The device and its two modules, then the device again.
        var told = await(4);
        var created = ((RegistryEvent.Created) told.getFirst()).description().orElseThrow();
        assertThat(created.authentication()).isEqualTo("sas");
        assertThat(created.iotEdge()).contains(true);
        assertThat(created.deviceScope()).contains(updated.text("/deviceScope"));
        assertThat(((RegistryEvent.Created) told.get(1))
                        .description()
                        .orElseThrow()
                        .iotEdge())
                .isEmpty();
        assertThat(((RegistryEvent.Updated) told.getLast()).description())
                .contains(new IdentityDescription(
                        updated.text("/etag"),
                        DeviceStatus.DISABLED,
                        Optional.of("in repair"),
                        ((RegistryEvent.Updated) told.getLast())
                                .description()
                                .orElseThrow()
                                .statusUpdatedAt(),
                        "selfSigned",
                        Optional.of(thumbprint),
                        Optional.empty(),
                        Optional.of(true),
                        Optional.of(updated.text("/deviceScope")),
                        List.of()));
    }

    private static RegistryEvent withoutTime(RegistryEvent event) {
        return switch (event) {
            case RegistryEvent.Created(var identity, var generation, var version, var _, var _) ->
                new RegistryEvent.Created(identity, generation, version, Instant.EPOCH);
            case RegistryEvent.Updated(var identity, var generation, var version, var status, var _, var _) ->
                new RegistryEvent.Updated(identity, generation, version, status, Instant.EPOCH);
            case RegistryEvent.Deleted(var identity, var generation, var _) ->
                new RegistryEvent.Deleted(identity, generation, Instant.EPOCH);
        };
    }

    @Test
    void givenRefusedChanges_whenTheyFail_thenNothingIsTold() {
        owner.create(id);
        owner.put(path, "{}");
        owner.put(path, "{}", "If-Match", "\"AAAA\"");
        owner.delete(path);
        owner.put(path, "{}", "If-Match", "*");

        assertThat(await(2)).hasExactlyElementsOfTypes(RegistryEvent.Created.class, RegistryEvent.Updated.class);
        assertThat(events.readToEnd().stream().filter(this::isOurs)).hasSize(2);
    }

    @Test
    void givenBulk_whenPosted_thenEachDeviceIsTold() {
        var items = IntStream.range(0, 100)
                .mapToObj(i -> "{\"id\":\"" + id + "-" + i + "\"}")
                .toList();

        owner.post("/devices", items.toString());

        events.awaitCount(100, record -> record.key().startsWith(id + "-"), TopicReader.PATIENCE);
    }

    @Test
    void givenManyWritersOfOneDevice_whenTheyRace_thenVersionsAndEventsFormOneSequence() throws Exception {
        owner.create(id);
        int writers = 8;
        int writes = 15;

        try (var threads = Executors.newFixedThreadPool(writers)) {
            Callable<Boolean> writer = () -> IntStream.range(0, writes)
                    .allMatch(i -> owner.put(
                                            path,
                                            "{\"status\":\"" + (i % 2 == 0 ? "disabled" : "enabled") + "\"}",
                                            "If-Match",
                                            "*")
                                    .status()
                            == 200);
            for (var all : threads.invokeAll(java.util.Collections.nCopies(writers, writer))) {
                assertThat(all.get()).isTrue();
            }
        }

        var versions = await(1 + writers * writes).stream()
                .map(event -> switch (event) {
                    case RegistryEvent.Created created -> created.version();
                    case RegistryEvent.Updated updated -> updated.version();
                    case RegistryEvent.Deleted _ -> -1L;
                })
                .toList();
        var last = version(owner.get(path).json());
        assertThat(versions)
                .isEqualTo(IntStream.rangeClosed(-writers * writes, 0)
                        .mapToObj(i -> last + i)
                        .toList());
    }

    @Test
    void givenManyCreatorsOfOneDevice_whenTheyRace_thenOneWinsAndTheOthersConflict() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            Callable<Integer> creator = () -> owner.put(path, "{}").status();
            var statuses = new java.util.ArrayList<Integer>();
            for (var status : threads.invokeAll(java.util.Collections.nCopies(8, creator))) {
                statuses.add(status.get());
            }

            assertThat(statuses).containsOnly(200, 409).containsOnlyOnce(200);
        }
        assertThat(await(1)).hasExactlyElementsOfTypes(RegistryEvent.Created.class);
    }

    @Test
    void givenTagOfOneVersion_whenManyUseIt_thenOneUpdateWins() throws Exception {
        var etag = owner.create(id).header("ETag");
        try (var threads = Executors.newFixedThreadPool(8)) {
            Callable<Integer> writer =
                    () -> owner.put(path, "{}", "If-Match", etag).status();
            var statuses = new java.util.ArrayList<Integer>();
            for (var status : threads.invokeAll(java.util.Collections.nCopies(8, writer))) {
                statuses.add(status.get());
            }

            assertThat(statuses).containsOnly(200, 412).containsOnlyOnce(200);
        }
    }

    @Test
    void givenChange_whenItHasCommitted_thenToldWellWithinATenthOfASecond() {
        owner.create(id + "-warm-up");
        events.await(record -> record.key().equals(id + "-warm-up"));
        var delays = IntStream.range(0, 20)
                .mapToLong(i -> {
                    owner.create(id + "-" + i);
                    var before = System.nanoTime();
                    events.await(record -> record.key().equals(id + "-" + i));
                    return (System.nanoTime() - before) / 1_000_000;
                })
                .sorted()
                .toArray();

        assertThat(Duration.ofMillis(delays[delays.length / 2])).isLessThan(Duration.ofMillis(100));
    }

    private List<RegistryEvent> await(int count) {
        return events.awaitCount(count, this::isOurs, TopicReader.PATIENCE).stream()
                .map(IdentityEventsIT::event)
                .toList();
    }

    private static RegistryEvent event(ConsumerRecord<String, byte[]> record) {
        return HubJson.read(record.value(), RegistryEvent.class);
    }

    private boolean isOurs(ConsumerRecord<String, byte[]> record) {
        return record.key().equals(id);
    }

    private static long version(JsonNode device) {
        return Long.parseLong(
                new String(Base64.getDecoder().decode(device.get("etag").asText())));
    }
}
