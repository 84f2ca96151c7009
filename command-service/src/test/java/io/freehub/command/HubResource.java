package io.freehub.command;

import io.freehub.embedded.Ports;
import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What command-service finds around it: the policies in their topic, and a place for the registry. */
public final class HubResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        var config = new HashMap<>(policies(TestKafka.bootstrapServers()));
        config.put("freehub.command.registry.url", "http://127.0.0.1:" + Ports.free("127.0.0.1"));
        return config;
    }

    /** Tells this Kafka of policies; their keys. */
    public static Map<String, String> policies(String bootstrapServers) {
        var config = new HashMap<String, String>();
        TestKafka.createTopic(bootstrapServers, Topic.POLICIES.name(), 1, Map.of("cleanup.policy", "compact"));
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (var policy : List.of(
                    policy("service", Permission.SERVICE_CONNECT),
                    policy("registryReadWrite", Permission.REGISTRY_WRITE),
                    policy("operator", Permission.HUB_MANAGE),
                    policy(AccessPolicy.INTERNAL, Permission.REGISTRY_WRITE, Permission.SERVICE_CONNECT))) {
                producer.send(new ProducerRecord<>(Topic.POLICIES.name(), policy.name(), HubJson.write(policy)));
                config.put(key(policy.name()), policy.keys().primary().base64());
            }
        }
        return config;
    }

    /** Configuration key of the primary key of a policy. */
    static String key(String policy) {
        return "test.policy.key." + policy.replace("$", "");
    }

    private static AccessPolicy policy(String name, Permission... permissions) {
        return new AccessPolicy(name, SymmetricKeys.generate(), Set.of(permissions));
    }

    @Override
    public void stop() {}
}
