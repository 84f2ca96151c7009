package io.freehub.twin.life;

import io.freehub.model.RegistryEvent;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.freehub.twin.TwinConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Begins and ends twins as the registry tells of identities. Storing an event twice changes nothing. */
@ApplicationScoped
class IdentityLog {

    private final BatchReader<RegistryEvent> reader;

    IdentityLog(HubKafka kafka, TwinLife lives, TwinConfig config) {
        this.reader = new BatchReader<>(
                kafka,
                Topic.REGISTRY,
                new BatchReader.Settings(
                        "twin-identities",
                        "twin",
                        config.identityBatchSize(),
                        Duration.ZERO,
                        config.identityMaxBackoff()),
                IdentityLog::read,
                batch -> lives.apply(IdentityBatch.of(batch.records())));
    }

    void start(@Observes StartupEvent event) {
        reader.start();
    }

    void stop(@Observes ShutdownEvent event) {
        reader.close();
    }

    /** Whether events are still being read. */
    boolean isAlive() {
        return reader.isAlive();
    }

    private static RegistryEvent read(ConsumerRecord<String, byte[]> record) {
        var event = HubJson.read(record.value(), RegistryEvent.class);
        // Whatever is no number is no generation of the registry's.
        Long.parseLong(event.generationId());
        return event;
    }
}
