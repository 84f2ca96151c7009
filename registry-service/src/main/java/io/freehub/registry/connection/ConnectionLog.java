package io.freehub.registry.connection;

import io.freehub.registry.RegistryConfig;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.freehub.store.ConnectionBatch.Logged;
import io.freehub.store.ConnectionReader;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Keeps the sessions in the database as the log of connections tells of them. */
@ApplicationScoped
class ConnectionLog {

    private final BatchReader<Logged> reader;

    ConnectionLog(HubKafka kafka, ConnectionStore store, RegistryConfig config) {
        this.reader = ConnectionReader.of(
                kafka,
                "registry-connections",
                "registry",
                config.connectionBatchSize(),
                config.connectionMaxBackoff(),
                store);
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
}
