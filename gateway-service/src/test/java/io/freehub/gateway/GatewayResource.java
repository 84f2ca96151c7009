package io.freehub.gateway;

import io.freehub.embedded.Ports;
import io.freehub.embedded.tls.LocalAuthority;
import io.freehub.embedded.tls.ServerCertificate;
import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestAuthority;
import io.freehub.testing.TestCertificate;
import io.freehub.testing.TestKafka;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a gateway finds around it: certificates, free ports, and the policies in their topic. */
public final class GatewayResource implements QuarkusTestResourceLifecycleManager {

    /** Host name of the hub in these tests. */
    static final String HOST = "hub.example.com";

    /** So long the answer to a failed attempt is held back at most. */
    static final Duration LONGEST_REFUSAL = Duration.ofMillis(300);

    /** A gateway that is silent for so long is gone. */
    static final Duration GATEWAY_TIMEOUT = Duration.ofSeconds(5);

    /** Number of the gateway. */
    static final int ORDINAL = 5;

    /** Requests about its twin that a session may have unanswered. */
    static final int MAX_TWIN_REQUESTS = 20;

    /** So long clients of AMQP are told to be silent at most; they are given twice as long. */
    static final Duration IDLE_TIMEOUT = Duration.ofSeconds(5);

    /** So long a device has to settle a message over AMQP. */
    static final Duration MESSAGE_LOCK = Duration.ofSeconds(4);

    /** Calls of back ends that may wait for command-service. */
    static final int MAX_CALLS = 100;

    /** Configuration key of the primary key of policy {@code device}. */
    static final String POLICY_KEY = "test.policy.device.key";

    /** Configuration key of the primary key of policy {@code service}. */
    static final String SERVICE_KEY = "test.policy.service.key";

    /** Configuration key of the authority's certificate file. */
    static final String CA_FILE = "test.ca.file";

    /** A second name of the hub, with a certificate of its own. */
    static final String OTHER_HOST = "old.example.org";

    /** Configuration keys of the files of that certificate. */
    static final String OTHER_CERTIFICATE = "test.other.certificate";

    static final String OTHER_KEY = "test.other.key";

    @Override
    public Map<String, String> start() {
        var directory = temporaryDirectory();
        var authority = LocalAuthority.in(directory, Clock.systemUTC());
        var other = new ServerCertificate(directory.resolve("other.pem"), directory.resolve("other.key"));
        write(new TestAuthority("elsewhere").issueForHost(OTHER_HOST), other);
        var certificates = authority.serverCertificates(HOST, List.of());
        var device = new AccessPolicy("device", SymmetricKeys.generate(), Set.of(Permission.DEVICE_CONNECT));
        var service = new AccessPolicy("service", SymmetricKeys.generate(), Set.of(Permission.SERVICE_CONNECT));
        publish(TestKafka.bootstrapServers(), List.of(device, service, internal()));
        var all = new ArrayList<>(certificates);
        all.add(other);
        var config = new HashMap<String, String>();
        config.put(OTHER_CERTIFICATE, other.certificate().toString());
        config.put(OTHER_KEY, other.key().toString());
        config.put("freehub.gateway.tls.reload", "200ms");
        config.put("freehub.hub.host", HOST);
        config.put("freehub.kafka.replication-factor", "1");
        config.put("freehub.gateway.bind", "127.0.0.1");
        config.put("freehub.gateway.fault-injection", "true");
        // More than hub.downlink has partitions at first.
        config.put("freehub.gateway.ordinal", Integer.toString(ORDINAL));
        config.put("freehub.gateway.mqtt.max-twin-requests", Integer.toString(MAX_TWIN_REQUESTS));
        config.put("freehub.gateway.mqtt.port", freePort());
        config.put("freehub.gateway.mqtt.plain-port", freePort());
        config.put("freehub.gateway.amqp.port", freePort());
        config.put("freehub.gateway.amqp.plain-port", freePort());
        config.put("freehub.gateway.amqp.connect-timeout", "3s");
        config.put("freehub.gateway.amqp.send-timeout", "2s");
        config.put("freehub.gateway.amqp.idle-timeout", IDLE_TIMEOUT.toString());
        config.put("freehub.gateway.amqp.max-twin-requests", Integer.toString(MAX_TWIN_REQUESTS));
        config.put("freehub.gateway.amqp.message-lock", MESSAGE_LOCK.toString());
        config.put("freehub.gateway.events.gateway-timeout", GATEWAY_TIMEOUT.toString());
        config.put("freehub.gateway.https.port", freePort());
        config.put("freehub.gateway.https.request-timeout", "5s");
        config.put("freehub.gateway.https.max-connections", "200");
        config.put("freehub.gateway.https.device-timeout", "4s");
        config.put("freehub.gateway.registry.url", "http://127.0.0.1:" + freePort());
        config.put("freehub.gateway.commands.url", "http://127.0.0.1:" + freePort());
        config.put("freehub.gateway.commands.connections", Integer.toString(MAX_CALLS));
        config.put("freehub.gateway.commands.timeout", "1s");
        config.put("freehub.gateway.twins.url", "http://127.0.0.1:" + freePort());
        config.put("freehub.gateway.tls.certificates", files(all, ServerCertificate::certificate));
        config.put("freehub.gateway.tls.keys", files(all, ServerCertificate::key));
        config.put("freehub.gateway.mqtt.connect-timeout", "3s");
        config.put("freehub.gateway.mqtt.handshake-timeout", "3s");
        config.put("freehub.gateway.mqtt.max-pending", "5100");
        config.put("freehub.gateway.refusals.longest", LONGEST_REFUSAL.toString());
        config.put(POLICY_KEY, device.keys().primary().base64());
        config.put(SERVICE_KEY, service.keys().primary().base64());
        config.put(CA_FILE, authority.certificateFile().toString());
        return config;
    }

    /** Writes a certificate where the gateway has it from. */
    static void write(TestCertificate certificate, ServerCertificate files) {
        try {
            Files.writeString(files.certificate(), certificate.chainPem());
            Files.writeString(files.key(), certificate.keyPem());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The policy by which the gateway asks the registry. */
    static AccessPolicy internal() {
        return new AccessPolicy(AccessPolicy.INTERNAL, SymmetricKeys.generate(), Set.of(Permission.REGISTRY_READ));
    }

    /** Tells this Kafka of policies. */
    static void publish(String bootstrapServers, List<AccessPolicy> policies) {
        TestKafka.createTopic(bootstrapServers, Topic.POLICIES.name(), 1, Map.of("cleanup.policy", "compact"));
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                new StringSerializer(),
                new ByteArraySerializer())) {
            policies.forEach(policy ->
                    producer.send(new ProducerRecord<>(Topic.POLICIES.name(), policy.name(), HubJson.write(policy))));
        }
    }

    private static String files(List<ServerCertificate> certificates, Function<ServerCertificate, Path> file) {
        return certificates.stream().map(file).map(Path::toString).collect(Collectors.joining(","));
    }

    private static String freePort() {
        return Integer.toString(Ports.free("127.0.0.1"));
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("freehub-gateway");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {}
}
