package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.atIndex;

import io.freehub.model.DeviceStatus;
import io.freehub.model.IdentityDescription;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import io.freehub.service.http.ETag;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;

/** What becomes of a hub that is older than modules, or than twins. */
class ModulesMigrationIT {

    private final TestPostgres.Database database = TestPostgres.database("before_modules");

    @Test
    void edgeDevicesGetTheirModulesAndSessionsStay() throws SQLException {
        migration().target("1").load().migrate();
        try (var connection = database.connect()) {
            insertDevice(connection, "leaf", "g1", false);
            insertDevice(connection, "edge", "g2", true);
            execute(connection, "insert into gateway values (0, 1, now(), now())");
            execute(connection, "insert into connection values ('edge', 's1', 0, 1, now(), null, 0, 7)");

            migration().target("10").load().migrate();

            assertThat(
                            texts(
                                    connection,
                                    "select id || ' ' || coalesce(module_of, '-') || ' ' || authentication || ' '"
                                            + " || coalesce(managed_by, '-') || ' ' || generation_id from identity order by id"))
                    .containsExactly(
                            "edge - SAS - g2",
                            "edge/$edgeAgent edge NONE iotEdge g2",
                            "edge/$edgeHub edge NONE iotEdge g2",
                            "leaf - SAS - g1");
            assertThat(texts(connection, "select identity from connection_state where connected"))
                    .containsExactly("edge");
            assertThat(texts(connection, "select record_key from outbox where topic = 'hub.registry'"))
                    .containsExactly("edge", "edge");
            assertThat(texts(connection, "select record_value from outbox order by id"))
                    .map(text -> HubJson.read(text.getBytes(StandardCharsets.UTF_8), RegistryEvent.class))
                    .allSatisfy(event -> assertThat(event.generationId()).isEqualTo("g2"))
                    .hasOnlyElementsOfType(RegistryEvent.Created.class)
                    .map(RegistryEvent::identity)
                    .containsExactly(IdentityId.parse("edge/$edgeAgent"), IdentityId.parse("edge/$edgeHub"));
        }
    }

    @Test
    void allThatAreThereAreToldOfOnceMore() throws SQLException {
        var told = TestPostgres.database("before_twins");
        var all = Flyway.configure()
                .dataSource(told.jdbcUrl(), TestPostgres.USER, TestPostgres.PASSWORD)
                .locations("db/store", "db/migration");
        all.target("1").load().migrate();
        try (var connection = told.connect()) {
            insertDevice(connection, "edge", "7", true);
            all.target("10").load().migrate();
            execute(connection, "update identity set enabled = false where id = 'edge'");
            execute(connection, "delete from outbox");

            all.target("12").load().migrate();

            assertThat(texts(connection, "select topic || ' ' || record_key from outbox"))
                    .containsExactly("hub.registry edge", "hub.registry edge", "hub.registry edge");
            assertThat(texts(connection, "select record_value from outbox order by id"))
                    .map(text -> HubJson.read(text.getBytes(StandardCharsets.UTF_8), RegistryEvent.class))
                    .allSatisfy(event -> assertThat(event.generationId()).isEqualTo("7"))
                    .hasOnlyElementsOfType(RegistryEvent.Updated.class)
                    .extracting(event -> event.identity() + " " + ((RegistryEvent.Updated) event).status())
                    .containsExactly("edge DISABLED", "edge/$edgeAgent ENABLED", "edge/$edgeHub ENABLED");

            execute(
                    connection,
                    "update identity set status_reason = 'r', status_updated_at = '2026-08-15T09:00:01.5Z', version = 42,"
                            + " edge_scope = 'own', parent_scope = 'above' where id = 'edge'");
            execute(connection, "delete from outbox");
            all.target("13").load().migrate();

            assertThat(texts(connection, "select record_value from outbox order by id"))
                    .map(text -> HubJson.read(text.getBytes(StandardCharsets.UTF_8), RegistryEvent.class))
                    .map(event -> ((RegistryEvent.Updated) event).description().orElseThrow())
                    .startsWith(new IdentityDescription(
                            ETag.of(42).value(),
                            DeviceStatus.DISABLED,
                            Optional.of("r"),
                            Optional.of(Instant.parse("2026-08-15T09:00:01.5Z")),
                            "sas",
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(true),
                            Optional.of("own"),
                            List.of("above")))
                    .satisfies(
                            agent -> {
                                assertThat(agent.authentication()).isEqualTo("none");
                                assertThat(agent.iotEdge()).isEmpty();
                                assertThat(agent.parentScopes()).isEmpty();
                            },
                            atIndex(1));
        }
    }

    private FluentConfiguration migration() {
        return Flyway.configure()
                .dataSource(database.jdbcUrl(), TestPostgres.USER, TestPostgres.PASSWORD)
                .locations("db/store", "db/migration");
    }

    private static void insertDevice(Connection connection, String id, String generation, boolean edge)
            throws SQLException {
        try (var insert = connection.prepareStatement(
                "insert into device (device_id, generation_id, version, enabled, authentication, edge)"
                        + " values (?, ?, 1, true, 'SAS', ?)")) {
            insert.setString(1, id);
            insert.setString(2, generation);
            insert.setBoolean(3, edge);
            insert.executeUpdate();
        }
    }

    private static void execute(Connection connection, String statement) throws SQLException {
        try (var update = connection.createStatement()) {
            update.execute(statement);
        }
    }

    private static List<String> texts(Connection connection, String query) throws SQLException {
        try (var select = connection.createStatement();
                var rows = select.executeQuery(query)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }
}
