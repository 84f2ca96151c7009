package io.freehub.command;

import io.freehub.embedded.EmbeddedKafka;
import io.freehub.embedded.Ports;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.ConfigProvider;

/** A Kafka for one test class, so that it can be taken away. */
public final class KafkaToTakeAway implements QuarkusTestResourceLifecycleManager {

    private static final String DATA = "test.kafka-data";
    private static final String PORT = "test.kafka-port";
    private static final AtomicReference<EmbeddedKafka> SERVER = new AtomicReference<>();

    @Override
    public Map<String, String> start() {
        var broker = new Broker(temporaryDirectory(), Ports.free("127.0.0.1"));
        broker.bringBack();
        var config = new HashMap<>(HubResource.policies(broker.bootstrapServers()));
        config.put("freehub.command.registry.url", "http://127.0.0.1:" + Ports.free("127.0.0.1"));
        config.put("kafka.bootstrap.servers", broker.bootstrapServers());
        config.put("freehub.outbox.delivery-timeout", "2s");
        config.put("freehub.command.methods.send-timeout", "2s");
        config.put("freehub.command.sessions.gateway-timeout", "4s");
        config.put("freehub.command.sessions.check-interval", "200ms");
        config.put(DATA, broker.data().toString());
        config.put(PORT, Integer.toString(broker.port()));
        return config;
    }

    /** After those of all tests, so that this broker is the one. */
    @Override
    public int order() {
        return 1;
    }

    @Override
    public void stop() {
        takeAwayTheServer();
    }

    /** That of the test that runs. */
    public static Broker broker() {
        // Looked up: injected, they would have to exist for every other test too.
        var config = ConfigProvider.getConfig();
        return new Broker(config.getValue(DATA, Path.class), config.getValue(PORT, Integer.class));
    }

    /** The broker, which keeps what it has while it is away. */
    public record Broker(Path data, int port) {

        public void takeAway() {
            takeAwayTheServer();
        }

        public void bringBack() {
            SERVER.set(EmbeddedKafka.start(new EmbeddedKafka.Settings(data, "127.0.0.1", port)));
        }

        public String bootstrapServers() {
            return "127.0.0.1:" + port;
        }
    }

    private static void takeAwayTheServer() {
        Optional.ofNullable(SERVER.getAndSet(null)).ifPresent(EmbeddedKafka::close);
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("freehub-command-kafka");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
