package io.freehub.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A second door of the broker for readers who do not belong to the hub: TLS, a login by SASL PLAIN, and one topic that they
 * may read in any consumer group. Whoever comes by the first door may do everything, as before.
 *
 * @param bind address to listen on
 * @param host name or address that clients are told
 * @param port of this door
 * @param certificate PEM file of the server's certificate
 * @param key PEM file of its private key
 * @param topic all that they may read
 * @param login class that decides who may enter, an {@code AuthenticateCallbackHandler} of Kafka; its option {@code kafka}
 *     is the address of the first door
 */
public record KafkaReaders(String bind, String host, int port, Path certificate, Path key, String topic, String login) {

    private static final String PREFIX = "listener.name.readers.";

    /** Longer ones are no login that anybody would check; Kafka would take half a megabyte. */
    private static final int LONGEST_LOGIN = 8 * 1024;

    /** Connections over this wait in the queue of the operating system. */
    private static final int MOST_CONNECTIONS = 1_000;

    /** How long whoever logged in may read on after the key was changed. */
    private static final int LOGIN_AGAIN_MS = 5 * 60 * 1000;

    /** As arguments of a process, for {@link #parse}. */
    public List<String> arguments() {
        return List.of(bind, host, Integer.toString(port), certificate.toString(), key.toString(), topic, login);
    }

    /** From the arguments of a process; empty without any. */
    static Optional<KafkaReaders> parse(List<String> arguments) {
        return arguments.isEmpty()
                ? Optional.empty()
                : Optional.of(new KafkaReaders(
                        arguments.get(0),
                        arguments.get(1),
                        Integer.parseInt(arguments.get(2)),
                        Path.of(arguments.get(3)),
                        Path.of(arguments.get(4)),
                        arguments.get(5),
                        arguments.get(6)));
    }

    /** Adds the door to the properties of a broker whose first door is at this address. */
    void configure(Properties broker, String firstDoor) {
        broker.merge("listeners", ",READERS://" + EmbeddedKafka.authority(bind, port), (all, one) -> all + "" + one);
        broker.merge(
                "advertised.listeners",
                ",READERS://" + EmbeddedKafka.authority(host, port),
                (all, one) -> all + "" + one);
        broker.merge("listener.security.protocol.map", ",READERS:SASL_SSL", (all, one) -> all + "" + one);
        broker.put("inter.broker.listener.name", "PLAINTEXT");

        broker.put(PREFIX + "ssl.keystore.type", "PEM");
        broker.put(PREFIX + "ssl.keystore.certificate.chain", read(certificate));
        broker.put(PREFIX + "ssl.keystore.key", read(key));
        broker.put(PREFIX + "sasl.enabled.mechanisms", "PLAIN");
        broker.put(
                PREFIX + "plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required kafka=\"" + firstDoor + "\";");
        broker.put(PREFIX + "plain.sasl.server.callback.handler.class", login);
        broker.put(PREFIX + "connections.max.reauth.ms", Integer.toString(LOGIN_AGAIN_MS));
        broker.put(PREFIX + "sasl.server.max.receive.size", Integer.toString(LONGEST_LOGIN));
        broker.put(PREFIX + "max.connections", Integer.toString(MOST_CONNECTIONS));
        broker.put(PREFIX + "num.network.threads", "1");

        broker.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        broker.put("super.users", "User:ANONYMOUS");
    }

    /** Lets readers read, and nothing else; asked again at each start, which changes nothing. */
    void allow(String firstDoor) {
        var settings = Map.<String, Object>of("bootstrap.servers", firstDoor);
        try (var admin = Admin.create(settings)) {
            admin.createAcls(List.of(
                            reading(new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL)),
                            reading(new ResourcePattern(ResourceType.GROUP, "*", PatternType.LITERAL))))
                    .all()
                    .get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException("Kafka cannot let readers of " + topic + " in", failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Includes the right to see that it is there. */
    private static AclBinding reading(ResourcePattern what) {
        return new AclBinding(what, new AccessControlEntry("User:*", "*", AclOperation.READ, AclPermissionType.ALLOW));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read " + file, failed);
        }
    }
}
