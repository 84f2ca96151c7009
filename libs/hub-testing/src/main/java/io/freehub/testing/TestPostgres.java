package io.freehub.testing;

import io.freehub.embedded.EmbeddedPostgres;
import io.freehub.embedded.PostgresCluster;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/** The one PostgreSQL server of this JVM: started on first use, gone with the JVM. Each module or test takes a database. */
public final class TestPostgres {

    private static final String RUNNING = "freehub.testing.postgres";
    private static final String HOST = "127.0.0.1";

    /** Superuser, as fits a test. */
    public static final String USER = "freehub";

    public static final String PASSWORD = "freehub";

    private TestPostgres() {}

    /** A database of this name; created empty when it does not exist yet. */
    public static Database database(String name) {
        var port = Integer.parseInt(OncePerJvm.start(RUNNING, TestPostgres::start));
        var cluster = new PostgresCluster(new PostgresCluster.Settings(Path.of(""), HOST, port, USER, PASSWORD, false));
        cluster.createDatabase(name);
        return new Database(name, cluster.jdbcUrl(name), cluster.reactiveUrl(name));
    }

    /** Where a database is; {@link #USER} and {@link #PASSWORD} open it. */
    public record Database(String name, String jdbcUrl, String reactiveUrl) {

        /** The configuration of a service that uses it. */
        public Map<String, String> configuration() {
            return Map.of(
                    "quarkus.datasource.username",
                    USER,
                    "quarkus.datasource.password",
                    PASSWORD,
                    "quarkus.datasource.jdbc.url",
                    jdbcUrl,
                    "quarkus.datasource.reactive.url",
                    reactiveUrl);
        }

        public Connection connect() throws SQLException {
            return DriverManager.getConnection(jdbcUrl, USER, PASSWORD);
        }
    }

    private static String start() {
        var directory = OncePerJvm.temporaryDirectory("freehub-postgres");
        var postgres = EmbeddedPostgres.start(directory.resolve("data"));
        OncePerJvm.atExit(directory, postgres);
        return Integer.toString(postgres.cluster().settings().port());
    }
}
