package io.freehub.testing;

import io.freehub.embedded.Directories;
import io.freehub.embedded.EmbeddedPostgres;
import io.freehub.embedded.Ports;
import io.freehub.embedded.PostgresCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server of one test class, with one database, that can be killed and comes back on the same port. */
public final class PostgresToTakeAway implements AutoCloseable {

    private static final String DATABASE = "outage";

    private final AtomicReference<@Nullable EmbeddedPostgres> running = new AtomicReference<>();
    private Optional<PostgresCluster.Settings> settings = Optional.empty();

    /** Starts it with an empty database; the configuration of a service that uses it. */
    public Map<String, String> start() {
        var directory = OncePerJvm.temporaryDirectory("freehub-outage");
        settings = Optional.of(new PostgresCluster.Settings(
                directory.resolve("data"),
                "127.0.0.1",
                Ports.free("127.0.0.1"),
                TestPostgres.USER,
                TestPostgres.PASSWORD,
                true));
        bringBack();
        cluster().createDatabase(DATABASE);
        return new TestPostgres.Database(
                        DATABASE, cluster().jdbcUrl(DATABASE), cluster().reactiveUrl(DATABASE))
                .configuration();
    }

    /** Kills it as a broken machine would, and returns when nobody is left who could answer. */
    public void kill() {
        var server = running.getAndSet(null).process();
        var others = server.descendants().toList();
        server.destroyForcibly();
        server.onExit().join();
        // Those that serve a connection see only then that they are alone.
        others.forEach(other -> other.onExit().join());
    }

    /** Starts it again, with what it had. */
    public void bringBack() {
        running.set(EmbeddedPostgres.start(settings.orElseThrow()));
    }

    /** A connection to the database. */
    public Connection connect() throws SQLException {
        return cluster().connect(DATABASE);
    }

    private PostgresCluster cluster() {
        return new PostgresCluster(settings.orElseThrow());
    }

    @Override
    public void close() {
        Optional.ofNullable(running.getAndSet(null)).ifPresent(EmbeddedPostgres::close);
        settings.ifPresent(all -> {
            try {
                Directories.delete(all.data().getParent());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }
}
