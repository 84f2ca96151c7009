package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.RegistryEvent;
import io.freehub.model.Topic;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TopicReader;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
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
                .map(record -> HubJson.read(record.value(), RegistryEvent.class))
                .toList();
    }

    private boolean isOurs(ConsumerRecord<String, byte[]> record) {
        return record.key().equals(id);
    }

    private static long version(JsonNode device) {
        return Long.parseLong(
                new String(Base64.getDecoder().decode(device.get("etag").asText())));
    }
}
