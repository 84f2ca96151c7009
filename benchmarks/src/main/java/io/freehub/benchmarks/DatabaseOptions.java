package io.freehub.benchmarks;

import io.freehub.standalone.HubOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** Where PostgreSQL of the benchmark's own hub listens, for those that look past the hub. */
final class DatabaseOptions implements UnaryOperator<HubOptions.Builder> {

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            defaultValue = "15432",
            description = "Default: ${DEFAULT-VALUE}")
    private int port;

    DatabaseOptions() {}

    @Override
    public HubOptions.Builder apply(HubOptions.Builder options) {
        return options.postgresPort(port);
    }

    /** A connection to the database of twin-service. */
    Connection connectToTwins(HubUnderTest hub) throws IOException, SQLException {
        return connect(hub, "twin");
    }

    /** A connection to the database of command-service. */
    Connection connectToCommands(HubUnderTest hub) throws IOException, SQLException {
        return connect(hub, "command");
    }

    private Connection connect(HubUnderTest hub, String database) throws IOException, SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database,
                "freehub",
                Files.readString(hub.data().resolve("postgres.password")).strip());
    }
}
