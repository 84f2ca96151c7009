package io.freehub.registry.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.runtime.StartupEvent;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

@RegistryTest
class PolicyIT {

    @Inject
    PolicyStore store;

    @Inject
    PolicyPublisher publisher;

    @Test
    void givenNewHub_whenStarted_thenItsSixPoliciesAreOnTheTopic() {
        try (var reader = TopicReader.fromStart(Topic.POLICIES.name())) {
            reader.await(record -> record.key().equals(AccessPolicy.INTERNAL));
            Map<String, AccessPolicy> policies = reader.readToEnd().stream()
                    .filter(record -> record.value() != null) // another test takes one away
                    .map(record -> HubJson.read(record.value(), AccessPolicy.class))
                    .collect(Collectors.toMap(AccessPolicy::name, Function.identity(), (_, later) -> later));

            assertThat(policies)
                    .containsOnlyKeys(
                            "iothubowner", "service", "device", "registryRead", "registryReadWrite", "$freehub");
            assertThat(policies.get("iothubowner").keys())
                    .isEqualTo(
                            new SymmetricKeys(BackEnd.primaryKey("iothubowner"), BackEnd.secondaryKey("iothubowner")));
        }
    }

    @Test
    void givenPolicyLostOnTheTopic_whenStartedAgain_thenPublishedAsItWas() throws Exception {
        var settings = Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers());
        try (var reader = TopicReader.fromNow(Topic.POLICIES.name());
                var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topic.POLICIES.name(), "service", null))
                    .get();

            publisher.start(new StartupEvent());

            var record = reader.await(each -> each.key().equals("service") && each.value() != null);
            assertThat(HubJson.read(record.value(), AccessPolicy.class).keys().primary())
                    .isEqualTo(BackEnd.primaryKey("service"));
            assertThat(reader.readToEnd()).hasSize(2);
        }
    }

    @Test
    void givenPolicies_whenReplicasInitializeTogether_thenAllSeeTheSame() throws Exception {
        var before = store.initialize(List.of());
        try (var threads = Executors.newFixedThreadPool(3)) {
            Callable<List<AccessPolicy>> replica = () -> store.initialize(DefaultPolicies.make());
            for (var policies : threads.invokeAll(List.of(replica, replica, replica))) {
                assertThat(policies.get()).isEqualTo(before);
            }
        }
    }
}
