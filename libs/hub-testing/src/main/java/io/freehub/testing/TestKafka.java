package io.freehub.testing;

import io.freehub.embedded.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** The one Kafka broker of this JVM: started on first use, gone with the JVM. Tests share it, so topics persist between them. */
public final class TestKafka {

    private static final String RUNNING = "freehub.testing.kafka";

    private TestKafka() {}

    public static String bootstrapServers() {
        return OncePerJvm.start(RUNNING, TestKafka::start);
    }

    /** Creates the topic unless it exists. */
    public static void createTopic(String name, int partitions) {
        createTopic(name, partitions, Map.of());
    }

    /** Creates the topic with these settings ({@code cleanup.policy} and so on) unless it exists. */
    public static void createTopic(String name, int partitions, Map<String, String> settings) {
        createTopic(bootstrapServers(), name, partitions, settings);
    }

    /** The same on another broker. */
    public static void createTopic(String bootstrapServers, String name, int partitions, Map<String, String> settings) {
        var topic = new NewTopic(name, Optional.of(partitions), Optional.of((short) 1)).configs(settings);
        try (var admin = admin(bootstrapServers)) {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException failed) {
            if (!(failed.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException("cannot create the topic " + name, failed);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** A client for what else a test wants of the broker; the caller closes it. */
    public static Admin admin() {
        return admin(bootstrapServers());
    }

    private static Admin admin(String bootstrapServers) {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    private static String start() {
        var directory = OncePerJvm.temporaryDirectory("freehub-kafka");
        var kafka = EmbeddedKafka.start(new EmbeddedKafka.Settings(directory, "127.0.0.1", 0));
        OncePerJvm.atExit(directory, kafka);
        return kafka.bootstrapServers();
    }
}
