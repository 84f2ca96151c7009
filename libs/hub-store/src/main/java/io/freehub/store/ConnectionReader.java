package io.freehub.store;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.ConnectionBatch.Logged;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads the log of connections into the database of a service that is to know who is connected. */
public final class ConnectionReader {

    /** So that many events of a rush share a transaction and a commit; whoever asks sees a state that much older. */
    private static final Duration GATHER = Duration.ofMillis(20);

    private ConnectionReader() {}

    /** What is known of connections. Storing an event twice changes nothing. */
    public interface Store {

        /** Says where a partition of the log ends: what was stored from behind that is of a log that was lost. */
        void logEndsAt(int partition, long offset) throws SQLException;

        /** Stores a batch in one transaction. */
        void store(ConnectionBatch batch) throws SQLException;
    }

    /**
     * The reader, not started yet.
     *
     * @param name of its thread
     * @param group that shares the partitions
     * @param batchSize greatest number of events of a transaction
     * @param maxBackoff longest pause between tries while the database is away
     */
    public static BatchReader<Logged> of(
            HubKafka kafka, String name, String group, int batchSize, Duration maxBackoff, Store store) {
        return new BatchReader<>(
                kafka,
                Topic.CONNECTIONS,
                new BatchReader.Settings(name, group, batchSize, GATHER, maxBackoff),
                ConnectionReader::read,
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

    private static Logged read(ConsumerRecord<String, byte[]> record) {
        var event = HubJson.read(record.value(), ConnectionEvent.class);
        if (event instanceof ConnectionEvent.Opened opened) {
            // Whatever is no number is no generation of the registry's.
            opened.generationId().ifPresent(Long::parseLong);
        }
        return new Logged(event, record.partition(), record.offset());
    }
}
