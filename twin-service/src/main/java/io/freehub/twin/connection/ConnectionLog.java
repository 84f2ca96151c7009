package io.freehub.twin.connection;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.freehub.store.ConnectionBatch;
import io.freehub.store.ConnectionBatch.Logged;
import io.freehub.twin.TwinConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Keeps the sessions in the database as the log of connections tells of them. Storing an event twice changes nothing.
 */
@ApplicationScoped
class ConnectionLog {

    /** So that many events of a rush share a transaction and a commit; whoever asks sees a state that much older. */
    private static final Duration GATHER = Duration.ofMillis(20);

    private final BatchReader<Logged> reader;

    ConnectionLog(HubKafka kafka, ConnectionStore store, TwinConfig config) {
        this.reader = new BatchReader<>(
                kafka,
                Topic.CONNECTIONS,
                new BatchReader.Settings(
                        "twin-connections",
                        "twin-connections",
                        config.connectionBatchSize(),
                        GATHER,
                        config.connectionMaxBackoff()),
                ConnectionLog::read,
                new BatchReader.Sink<>() {
                    @Override
                    public void begin(Map<Integer, Long> ends) throws SQLException {
                        for (var end : ends.entrySet()) {
                            store.logEndsAt(end.getKey(), end.getValue());
                        }
                    }

                    @Override
                    public void store(BatchReader.Batch<Logged> batch) throws SQLException {
                        store.store(ConnectionBatch.of(batch.records()));
                    }
                });
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

    private static Logged read(ConsumerRecord<String, byte[]> record) {
        var event = HubJson.read(record.value(), ConnectionEvent.class);
        if (event instanceof ConnectionEvent.Opened opened) {
            // Whatever is no number is no generation of the registry's.
            opened.generationId().ifPresent(Long::parseLong);
        }
        return new Logged(event, record.partition(), record.offset());
    }
}
