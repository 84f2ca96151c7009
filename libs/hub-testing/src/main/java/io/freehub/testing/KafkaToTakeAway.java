package io.freehub.testing;

import io.freehub.embedded.Directories;
import io.freehub.embedded.EmbeddedKafka;
import io.freehub.embedded.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A Kafka broker of one test class, that can be taken away and comes back on the same port. */
public final class KafkaToTakeAway implements AutoCloseable {

    private final AtomicReference<@Nullable EmbeddedKafka> running = new AtomicReference<>();
    private Optional<EmbeddedKafka.Settings> settings = Optional.empty();

    /** Starts it, empty; where it is. */
    public String start() {
        var directory = OncePerJvm.temporaryDirectory("freehub-kafka-outage");
        settings = Optional.of(
                new EmbeddedKafka.Settings(directory.resolve("data"), "127.0.0.1", Ports.free("127.0.0.1")));
        bringBack();
        return bootstrapServers();
    }

    /** Where it is, or will be again. */
    public String bootstrapServers() {
        return settings.map(all -> all.host() + ":" + all.port()).orElseThrow();
    }

    /** Stops it; nobody answers any more when this returns. */
    public void takeAway() {
        Optional.ofNullable(running.getAndSet(null)).ifPresent(EmbeddedKafka::close);
    }

    /** Starts it again, with what it had. */
    public void bringBack() {
        running.set(EmbeddedKafka.start(settings.orElseThrow()));
    }

    @Override
    public void close() {
        takeAway();
        settings.ifPresent(all -> {
            try {
                Directories.delete(all.data().getParent());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }
}
