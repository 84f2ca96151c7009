package io.freehub.command.session;

import io.freehub.command.CommandConfig;
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
class SessionLog {

    /** Consumers that share the log. */
    static final String GROUP = "command-sessions";

    private final BatchReader<Logged> reader;

    SessionLog(HubKafka kafka, SessionStore store, CommandConfig config) {
        this.reader = ConnectionReader.of(
                kafka,
                GROUP,
                GROUP,
                config.sessions().batchSize(),
                config.sessions().maxBackoff(),
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
