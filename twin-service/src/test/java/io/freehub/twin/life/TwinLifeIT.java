package io.freehub.twin.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.model.DeviceStatus;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import io.freehub.testing.TestPostgres;
import io.freehub.twin.BackEnd;
import io.freehub.twin.FakeRegistry;
import io.freehub.twin.TwinServiceTest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That a twin is there when its device is, and no longer. */
@TwinServiceTest
class TwinLifeIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final FakeRegistry registry = FakeRegistry.shared();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final String path = "/twins/" + device;
    private BackEnd service;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
    }

    @Test
    void twinComesAndGoesWithWhatTheRegistryTells() {
        var module = IdentityId.parse(device + "/m");
        var generation = registry.nextGeneration();

        registry.tellCreated(device, generation);
        registry.tellCreated(module, generation);
        awaitGeneration(device, Optional.of(generation));
        awaitGeneration(module, Optional.of(generation));

        registry.tellDeleted(module, generation);
        registry.tellDeleted(device, generation);
        awaitGeneration(device, Optional.empty());
        awaitGeneration(module, Optional.empty());
    }

    @Test
    void twinThatIsMissingComesWithAnUpdate() {
        var generation = registry.nextGeneration();

        registry.tell(
                new RegistryEvent.Updated(device, Long.toString(generation), 7, DeviceStatus.ENABLED, Instant.now()));

        awaitGeneration(device, Optional.of(generation));
    }

    @Test
    void eventsThatAreReadAgainOrLateChangeNothing() {
        var earlier = registry.nextGeneration();
        var generation = registry.addDevice(device);
        service.patch(path, "{\"tags\":{\"a\":1}}");

        registry.tellCreated(device, earlier);
        registry.tellDeleted(device, earlier);
        registry.tellCreated(device, generation);
        awaitAllRead();

        assertThat(service.get(path).text("/tags/a")).isEqualTo("1");
    }

    @Test
    void deviceThatIsCreatedAgainHasANewTwin() {
        var earlier = registry.addDevice(device);
        service.patch(path, "{\"tags\":{\"a\":1}}");
        registry.remove(device);
        assertThat(service.get(path).status()).isEqualTo(404);

        var generation = registry.addDevice(device);

        // No event has been read yet.
        assertThat(service.get(path).json().has("tags")).isFalse();
        service.patch(path, "{\"tags\":{\"b\":1}}");
        registry.tellDeleted(device, earlier);
        registry.tellCreated(device, generation);
        awaitAllRead();
        assertThat(service.get(path).json().at("/tags").toString()).isEqualTo("{\"b\":1}");
    }

    @Test
    void deviceThatGoesWhileItsTwinIsMadeLeavesNone() throws SQLException {
        registry.addDevice(device);
        registry.removeAfter(device, 1);

        assertThat(service.get(path).status()).isEqualTo(404);

        assertThat(generation(device)).isEmpty();
    }

    @Test
    void registryThatFailsWhileATwinIsMadeLeavesNone() throws SQLException {
        registry.addDevice(device);
        registry.failAfter(device, 1);

        assertThat(service.patch(path, "{\"tags\":{\"a\":1}}").status()).isEqualTo(503);

        assertThat(generation(device)).isEmpty();
        assertThat(service.patch(path, "{\"tags\":{\"a\":1}}").text("/version")).isEqualTo("3");
    }

    @Test
    void recordThatIsNoEventStopsNothing() {
        var generation = registry.nextGeneration();
        registry.tell(new RegistryEvent.Created(device, "no number", 1, Instant.now()));

        registry.tellCreated(device, generation);

        awaitGeneration(device, Optional.of(generation));
    }

    /** Events of one device are read in order, so this one comes after those before. */
    private void awaitAllRead() {
        var marker = IdentityId.parse(device + "/marker");
        var generation = registry.nextGeneration();
        registry.tellCreated(marker, generation);
        awaitGeneration(marker, Optional.of(generation));
    }

    private static void awaitGeneration(IdentityId identity, Optional<Long> generation) {
        await().untilAsserted(() -> assertThat(generation(identity)).isEqualTo(generation));
    }

    private static Optional<Long> generation(IdentityId identity) throws SQLException {
        try (var connection = TestPostgres.database(TwinServiceTest.DATABASE).connect();
                var query = connection.prepareStatement("select generation from twin where id = ?")) {
            query.setString(1, identity.toString());
            try (var rows = query.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        }
    }
}
