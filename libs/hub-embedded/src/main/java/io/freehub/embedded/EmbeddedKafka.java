package io.freehub.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * One Kafka node, broker and KRaft controller in one, in this JVM.
 *
 * <p>What it acknowledged is on disk as far as the operating system is concerned: it survives a SIGKILL of the process.
 * Topics are never created by using them.
 */
public final class EmbeddedKafka implements AutoCloseable {

    /**
     * @param data directory that keeps the topics; created when missing
     * @param host address to listen on and to tell clients
     * @param port 0 for any free one
     * @param readers where those who log in may read; empty for nowhere
     */
    public record Settings(Path data, String host, int port, Optional<KafkaReaders> readers) {

        /** Without readers that log in. */
        public Settings(Path data, String host, int port) {
            this(data, host, port, Optional.empty());
        }
    }

    private final KafkaRaftServer server;
    private final String host;
    private final int port;

    private EmbeddedKafka(KafkaRaftServer server, String host, int port) {
        this.server = server;
        this.host = host;
        this.port = port;
    }

    /** Returns when the broker takes requests. */
    public static EmbeddedKafka start(Settings settings) {
        var port = settings.port() == 0 ? Ports.free(settings.host()) : settings.port();
        var properties = properties(settings, port);
        format(settings.data(), properties);
        var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        try {
            server.startup();
            settings.readers().ifPresent(readers -> readers.allow(authority(settings.host(), port)));
        } catch (RuntimeException failed) {
            server.shutdown();
            throw failed;
        }
        return new EmbeddedKafka(server, settings.host(), port);
    }

    public String bootstrapServers() {
        return authority(host, port);
    }

    /** Stops the broker; the data stay. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    /**
     * Runs a broker until the process is told to end. Arguments: data directory, host, port and, for readers that log in,
     * those of {@link KafkaReaders#arguments}.
     */
    public static void main(String[] arguments) throws InterruptedException {
        // Kafka tells its whole configuration when it starts.
        Logger.getLogger("").setLevel(Level.parse(System.getProperty("freehub.kafka.log", "WARNING")));
        var stopped = new CountDownLatch(1);
        var kafka = start(new Settings(
                Path.of(arguments[0]),
                arguments[1],
                Integer.parseInt(arguments[2]),
                KafkaReaders.parse(List.of(arguments).subList(3, arguments.length))));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            kafka.close();
                            stopped.countDown();
                        },
                        "stop-kafka"));
        System.out.println("Kafka listens on " + kafka.bootstrapServers());
        stopped.await();
    }

    private static Properties properties(Settings settings, int port) {
        var controller = authority("127.0.0.1", Ports.free("127.0.0.1"));
        var broker = authority(settings.host(), port);
        var properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("log.dirs", settings.data().toAbsolutePath().toString());
        // The only voter is this node: its port lives no longer than the process, nothing about it is stored.
        properties.put("controller.quorum.voters", "1@" + controller);
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT");
        properties.put("listeners", "PLAINTEXT://" + broker + ",CONTROLLER://" + controller);
        properties.put("advertised.listeners", "PLAINTEXT://" + broker);

        properties.put("auto.create.topics.enable", "false");
        properties.put("default.replication.factor", "1");
        properties.put("min.insync.replicas", "1");
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "4");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("transaction.state.log.num.partitions", "2");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("share.coordinator.state.topic.num.partitions", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("message.max.bytes", "1048588");

        // After a crash the broker may come back only when the session of its last life has ended (default: 9 s).
        properties.put("broker.session.timeout.ms", "3000");
        properties.put("broker.heartbeat.interval.ms", "500");

        // Sized for a laptop: the defaults assume a machine of its own (128 MB for the cleaner alone).
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        properties.put("background.threads", "2");
        properties.put("num.recovery.threads.per.data.dir", "2");
        properties.put("log.cleaner.dedupe.buffer.size", "8388608");
        properties.put("log.segment.bytes", "268435456");
        properties.put("log.index.size.max.bytes", "2097152");
        settings.readers().ifPresent(readers -> readers.configure(properties, broker));
        return properties;
    }

    private static void format(Path data, Properties properties) {
        try {
            Files.createDirectories(data);
            if (Files.exists(data.resolve("meta.properties"))) {
                return;
            }
            var file = Files.createTempFile("freehub-kafka", ".properties");
            try {
                try (var out = Files.newOutputStream(file)) {
                    properties.store(out, null);
                }
                var said = new ByteArrayOutputStream();
                var exit = StorageTool.execute(
                        new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()},
                        new PrintStream(said, true, StandardCharsets.UTF_8));
                if (exit != 0) {
                    throw new IllegalStateException(
                            "Kafka cannot format " + data + ": " + said.toString(StandardCharsets.UTF_8));
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("Kafka cannot use the directory " + data, failed);
        }
    }

    static String authority(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
