package io.freehub.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Gives a Quarkus test the broker of this JVM: {@code @QuarkusTestResource(KafkaResource.class)}. */
public final class KafkaResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of(
                "kafka.bootstrap.servers",
                TestKafka.bootstrapServers(),
                // The broker lives in the test's JVM and would fill its log.
                "quarkus.log.category.\"kafka\".level",
                "WARN",
                "quarkus.log.category.\"org.apache.kafka\".level",
                "WARN",
                "quarkus.log.category.\"state.change.logger\".level",
                "WARN");
    }

    /** Nothing: the next test class uses the broker too. */
    @Override
    public void stop() {}
}
