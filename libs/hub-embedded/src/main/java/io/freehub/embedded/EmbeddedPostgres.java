package io.freehub.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL server that lives no longer than this JVM; its data may. */
public final class EmbeddedPostgres implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(50);

    private final PostgresCluster cluster;
    private final Process process;
    private final Thread stopWithJvm;

    private EmbeddedPostgres(PostgresCluster cluster, Process process) {
        this.cluster = cluster;
        this.process = process;
        this.stopWithJvm = new Thread(() -> stop(process), "stop-postgres");
        Runtime.getRuntime().addShutdownHook(stopWithJvm);
    }

    /** As {@link #start(PostgresCluster.Settings)}, with a free port, for a test: not durable. */
    public static EmbeddedPostgres start(Path data) {
        return start(
                new PostgresCluster.Settings(data, "127.0.0.1", Ports.free("127.0.0.1"), "freehub", "freehub", false));
    }

    /** Returns when the server takes connections. */
    public static EmbeddedPostgres start(PostgresCluster.Settings settings) {
        var cluster = new PostgresCluster(settings);
        cluster.initialize();
        var log = settings.data().resolveSibling(settings.data().getFileName() + ".log");
        var deadline = Instant.now().plus(START_LIMIT);
        try {
            while (true) {
                var process = launch(cluster, log);
                if (awaitReady(cluster, process, deadline)) {
                    return new EmbeddedPostgres(cluster, process);
                }
                // After a SIGKILL of the last server its sessions live on for a moment and hold the shared memory.
                if (Instant.now().isAfter(deadline) || !Files.readString(log).contains("still in use")) {
                    stop(process);
                    throw new IllegalStateException("PostgreSQL does not start:\n" + Files.readString(log));
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot start PostgreSQL", failed);
        }
    }

    public PostgresCluster cluster() {
        return cluster;
    }

    /** The server's process, for a test that kills it. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Stops the server; the data stay. */
    @Override
    public void close() {
        stop(process);
        try {
            Runtime.getRuntime().removeShutdownHook(stopWithJvm);
        } catch (IllegalStateException alreadyShuttingDown) {
            // then the hook finds nothing left to stop
        }
    }

    private static Process launch(PostgresCluster cluster, Path log) throws IOException {
        var builder = new ProcessBuilder(cluster.serverCommand())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(PostgresCluster.ENVIRONMENT);
        return builder.start();
    }

    private static boolean awaitReady(PostgresCluster cluster, Process process, Instant deadline) {
        try {
            while (Instant.now().isBefore(deadline)) {
                if (cluster.isReady()) {
                    return process.isAlive();
                }
                if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void stop(Process process) {
        if (!process.isAlive()) {
            return;
        }
        PostgresCluster.requestStop(process.toHandle());
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
