package io.freehub.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {

    private static final String HOST = "127.0.0.1";

    @TempDir
    Path directory;

    private PostgresCluster.Settings settings;

    @BeforeEach
    void chooseSettings() {
        settings =
                new PostgresCluster.Settings(directory.resolve("data"), HOST, Ports.free(HOST), "hub", "secret", true);
    }

    @Test
    void givenRows_whenServerIsRestarted_thenTheyAreThere() throws Exception {
        try (var postgres = EmbeddedPostgres.start(settings)) {
            postgres.cluster().createDatabase("registry");
            insert(postgres, "boiler");
        }
        try (var postgres = EmbeddedPostgres.start(settings)) {
            assertThat(device(postgres)).isEqualTo("boiler");
        }
    }

    @Test
    void givenCommittedRows_whenServerIsKilled_thenTheyAreThereAfterANewStartOnTheSamePort() throws Exception {
        try (var postgres = EmbeddedPostgres.start(settings)) {
            postgres.cluster().createDatabase("registry");
            try (var open = postgres.cluster().connect("registry")) {
                insert(postgres, "boiler");
                postgres.process().destroyForcibly();
                assertThat(postgres.process().onExit().get(10, TimeUnit.SECONDS).isAlive())
                        .isFalse();
            }
        }
        try (var postgres = EmbeddedPostgres.start(settings)) {
            assertThat(device(postgres)).isEqualTo("boiler");
        }
    }

    @Test
    void givenPidFileOfAnotherProcess_whenStarted_thenItIsNoHindrance() throws Exception {
        EmbeddedPostgres.start(settings).close();
        Files.writeString(
                settings.data().resolve("postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + settings.data() + "\n1\n1\n\n\n\n");

        try (var postgres = EmbeddedPostgres.start(settings)) {
            assertThat(postgres.cluster().isReady()).isTrue();
        }
    }

    @Test
    void givenDatabase_whenCreatedAgain_thenItKeepsItsRows() throws Exception {
        try (var postgres = EmbeddedPostgres.start(settings)) {
            postgres.cluster().createDatabase("registry");
            insert(postgres, "boiler");

            postgres.cluster().createDatabase("registry");

            assertThat(device(postgres)).isEqualTo("boiler");
        }
    }

    private static void insert(EmbeddedPostgres postgres, String device) throws SQLException {
        try (var connection = postgres.cluster().connect("registry");
                var statement = connection.createStatement()) {
            statement.execute("create table device (id text)");
            statement.execute("insert into device values ('" + device + "')");
        }
    }

    private static String device(EmbeddedPostgres postgres) throws SQLException {
        try (var connection = postgres.cluster().connect("registry");
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select id from device")) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
