package io.freehub.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL database cluster: its directory, how its server is started, how one connects.
 *
 * <p>Who starts the server owns the process: {@link EmbeddedPostgres} in tests, the launcher on one machine.
 */
public final class PostgresCluster {

    /** What the server process must have in its environment: messages in English, and no threads before its start. */
    public static final Map<String, String> ENVIRONMENT = Map.of("LC_ALL", "C", "TZ", "UTC");

    private static final Duration INITDB_LIMIT = Duration.ofMinutes(2);

    /**
     * @param data directory of the cluster; created by {@link #initialize}
     * @param host address to listen on
     * @param port to listen on
     * @param user its superuser, fixed when the cluster is initialized, as is the password
     * @param durable whether a commit reaches the disk; without it a crash of the machine (not of the server) may
     *     destroy the cluster, as a test does not mind
     */
    public record Settings(Path data, String host, int port, String user, String password, boolean durable) {}

    private final Settings settings;
    private final PostgresBinaries binaries;

    public PostgresCluster(Settings settings) {
        this.settings = settings;
        this.binaries = PostgresBinaries.unpacked();
    }

    /** Creates the cluster unless it exists. Does not start the server. */
    public void initialize() {
        var data = settings.data();
        if (Files.exists(data.resolve("PG_VERSION"))) {
            removeStalePidFile();
            return;
        }
        try {
            Files.createDirectories(data.toAbsolutePath().getParent());
            // Complete or not there: an initdb that was killed half-way is started anew.
            var partial = data.resolveSibling(data.getFileName() + ".initdb");
            Directories.delete(partial);
            var password = Files.createTempFile(
                    "freehub",
                    ".pw",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.writeString(password, settings.password());
                var command = asOrdinaryUser(
                        binaries.program("initdb"),
                        "--pgdata=" + partial.toAbsolutePath(),
                        "--username=" + settings.user(),
                        "--pwfile=" + password,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-instructions",
                        settings.durable() ? "--sync-method=fsync" : "--no-sync");
                run(command);
            } finally {
                Files.delete(password);
            }
            Files.move(partial, data);
        } catch (IOException failed) {
            throw new UncheckedIOException("PostgreSQL cannot use the directory " + data, failed);
        }
    }

    /** The command that becomes the server: same process id, runs in the foreground, logs to its standard error. */
    public List<String> serverCommand() {
        var command = asOrdinaryUser(
                binaries.program("postgres"),
                "-D",
                settings.data().toAbsolutePath().toString(),
                "-p",
                Integer.toString(settings.port()),
                "-h",
                settings.host());
        var parameters = new ArrayList<>(List.of(
                "unix_socket_directories=",
                "max_connections=100",
                "shared_buffers=64MB",
                "max_wal_size=256MB",
                "min_wal_size=32MB",
                "jit=off",
                "max_worker_processes=2",
                "autovacuum_max_workers=2",
                "log_timezone=UTC"));
        if (!settings.durable()) {
            parameters.addAll(List.of("fsync=off", "synchronous_commit=off", "full_page_writes=off"));
        }
        parameters.forEach(parameter -> command.addAll(List.of("-c", parameter)));
        return command;
    }

    public boolean isReady() {
        try (var _ = connect("postgres")) {
            return true;
        } catch (SQLException notYet) {
            return false;
        }
    }

    /** Creates the database unless it exists. The name is an identifier of ours, not input. */
    public void createDatabase(String name) {
        try (var connection = connect("postgres");
                var exists = connection.prepareStatement("select 1 from pg_database where datname = ?");
                var create = connection.createStatement()) {
            exists.setString(1, name);
            try (var found = exists.executeQuery()) {
                if (!found.next()) {
                    create.execute("create database \"" + name.replace("\"", "\"\"") + "\"");
                }
            }
        } catch (SQLException failed) {
            throw new IllegalStateException("cannot create the database " + name, failed);
        }
    }

    public Connection connect(String database) throws SQLException {
        var properties = new Properties();
        properties.put("user", settings.user());
        properties.put("password", settings.password());
        properties.put("connectTimeout", "2");
        properties.put("loginTimeout", "5");
        return DriverManager.getConnection(jdbcUrl(database), properties);
    }

    public String jdbcUrl(String database) {
        return "jdbc:" + reactiveUrl(database);
    }

    /** What Vert.x clients want: as JDBC's, without its prefix. */
    public String reactiveUrl(String database) {
        return "postgresql://" + settings.host() + ":" + settings.port() + "/" + database;
    }

    public Settings settings() {
        return settings;
    }

    /** "Fast" shutdown: sessions are cut, transactions rolled back, the cluster closed in order. */
    public static void requestStop(ProcessHandle server) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -INT " + server.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException failed) {
            server.destroy();
        }
    }

    /**
     * PostgreSQL refuses to start over a pid file whose pid belongs to some process, be it another program that got
     * that pid since (usual in containers).
     */
    private void removeStalePidFile() {
        var file = settings.data().resolve("postmaster.pid");
        try {
            if (!Files.exists(file)) {
                return;
            }
            var lines = Files.readAllLines(file);
            var pid = lines.isEmpty() || lines.getFirst().isBlank()
                    ? 0
                    : Long.parseLong(lines.getFirst().strip());
            var isPostgres = ProcessHandle.of(pid)
                    .flatMap(process -> process.info().command())
                    .map(command -> command.endsWith("/postgres"))
                    .orElse(false);
            if (!isPostgres) {
                Files.delete(file);
            }
        } catch (IOException | NumberFormatException unreadable) {
            // The server looks at the file itself and says what is wrong with it.
        }
    }

    /** PostgreSQL refuses to run as root. A user namespace in which root is nobody satisfies it. */
    private static ArrayList<String> asOrdinaryUser(String... command) {
        var full = new ArrayList<String>();
        if (isRoot()) {
            full.addAll(List.of("unshare", "--user"));
        }
        full.addAll(List.of(command));
        return full;
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static void run(List<String> command) throws IOException {
        var output = Files.createTempFile("freehub", ".initdb");
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(ENVIRONMENT);
            var process = builder.start();
            var finished = process.waitFor(INITDB_LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!finished) {
                process.destroyForcibly();
            }
            if (!finished || process.exitValue() != 0) {
                throw new IllegalStateException(
                        "PostgreSQL cannot be initialized (" + command.getFirst() + "): " + Files.readString(output));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL was initialized", interrupted);
        } finally {
            Files.delete(output);
        }
    }
}
