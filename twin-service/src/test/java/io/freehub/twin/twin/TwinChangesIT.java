package io.freehub.twin.twin;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.IdentityId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TopicReader;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinServiceTest;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That each write of a twin is told, once and in order. */
@TwinServiceTest
class TwinChangesIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final IdentityId module = IdentityId.parse(device + "/m");
    private BackEnd service;
    private TopicReader changes;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
        changes = TopicReader.fromNow(Topic.TWIN_CHANGES.name());
        registry.addDevice(device);
        registry.addModule(module);
    }

    /** What was told after the beginning of the twin. */
    private List<TwinChange> awaitWrites(int count) {
        return await(count + 1).subList(1, count + 1);
    }

    @AfterEach
    void close() {
        changes.close();
    }

    @Test
    void aTwinThatIsNewIsToldOfOnce() {
        service.get("/twins/" + device);
        service.get("/twins/" + device);
        service.patch("/twins/" + device, "{\"tags\":{\"a\":1}}");

        assertThat(await(2).getFirst()).isInstanceOfSatisfying(TwinChange.Begun.class, change -> {
            assertThat(change.identity()).isEqualTo(device);
            assertThat(change.version()).isEqualTo(2);
            assertThat(change.body())
                    .startsWith(
                            "{\"deviceId\":\"" + device + "\",\"etag\":\"AAAAAAAAAAE=\",\"version\":2,\"properties\":");
        });
        assertThat(await(2).get(1)).isInstanceOf(TwinChange.Updated.class);
    }

    @Test
    void patchTellsWhatItNamed() {
        service.patch("/twins/" + device, "{\"tags\":{\"a\":1.0,\"b\":null}}");
        var second = service.patch("/twins/" + device, "{\"properties\":{\"desired\":{\"x\":1,\"y\":null}}}");

        var told = awaitWrites(2);

        assertThat(told.get(0)).isInstanceOfSatisfying(TwinChange.Updated.class, change -> {
            assertThat(change.identity()).isEqualTo(device);
            assertThat(change.version()).isEqualTo(3);
            assertThat(change.body()).isEqualTo("{\"version\":3,\"tags\":{\"a\":1.0,\"b\":null}}");
        });
        assertThat(told.get(1)).isInstanceOfSatisfying(TwinChange.Updated.class, change -> {
            var metadata = "\"$lastUpdated\":\"" + second.text("/properties/desired/$metadata/x/$lastUpdated")
                    + "\",\"$lastUpdatedVersion\":2";
            assertThat(change.body())
                    .isEqualTo("{\"version\":4,\"properties\":{\"desired\":{\"x\":1,\"y\":null,\"$metadata\":{"
                            + metadata + ",\"x\":{" + metadata + "}},\"$version\":2}}}");
            assertThat(change.at()).isBefore(Instant.now().plusSeconds(1));
        });
    }

    @Test
    void replacementTellsTheWholeTwin() {
        var written = service.put("/twins/" + device + "/modules/m", "{\"tags\":{\"a\":1}}");

        var told = awaitWrites(1);

        assertThat(told.getFirst()).isInstanceOfSatisfying(TwinChange.Replaced.class, change -> {
            assertThat(change.identity()).isEqualTo(module);
            assertThat(change.body())
                    .startsWith("{\"deviceId\":\"" + device + "\",\"moduleId\":\"m\",\"etag\":\"AAAAAAAAAAI=\","
                            + "\"version\":3,\"tags\":{\"a\":1},\"properties\":{\"desired\":{\"$metadata\":")
                    .endsWith(written.body().substring(written.body().indexOf("\"properties\"")));
        });
    }

    @Test
    void whatIsRefusedIsNotTold() {
        service.patch("/twins/" + device, "{\"tags\":{\"a b\":1}}");
        service.patch("/twins/" + device, "{\"tags\":{\"a\":1}}", "If-Match", "stale");
        service.patch("/twins/" + device, "{\"tags\":{\"a\":2}}");

        assertThat(awaitWrites(1)).extracting(TwinChange::body).containsExactly("{\"version\":3,\"tags\":{\"a\":2}}");
        assertThat(changes.readToEnd().stream().filter(this::isOurs)).hasSize(2);
    }

    private List<TwinChange> await(int count) {
        return changes.awaitCount(count, this::isOurs, TopicReader.PATIENCE).stream()
                .map(record -> (TwinChange) HubJson.read(record.value(), TwinChange.class))
                .toList();
    }

    private boolean isOurs(ConsumerRecord<String, byte[]> record) {
        return record.key().equals(device.toString());
    }
}
