package io.freehub.twin;

import io.freehub.embedded.Ports;
import io.freehub.testing.KafkaToTakeAway;
import io.freehub.testing.TestPostgres;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;

/** A Kafka for one test class, and a database of its own. */
public final class OwnKafka implements QuarkusTestResourceLifecycleManager {

    /** That of the test that runs. */
    public static final KafkaToTakeAway BROKER = new KafkaToTakeAway();

    @Override
    public Map<String, String> start() {
        var kafka = BROKER.start();
        var config = new HashMap<>(HubResource.policies(kafka));
        // With positions of another broker, some of what this one has would count as read.
        config.putAll(
                TestPostgres.database("beside_" + kafka.replaceAll("\\W", "_")).configuration());
        config.put("freehub.twin.registry.url", "http://127.0.0.1:" + Ports.free("127.0.0.1"));
        config.put("kafka.bootstrap.servers", kafka);
        config.put("freehub.outbox.delivery-timeout", "2s");
        return config;
    }

    /** After those of all tests, so that this broker is the one. */
    @Override
    public int order() {
        return 1;
    }

    @Override
    public void stop() {
        BROKER.close();
    }
}
