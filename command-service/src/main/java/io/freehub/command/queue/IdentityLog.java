package io.freehub.command.queue;

import io.freehub.command.CommandConfig;
import io.freehub.command.Transactions;
import io.freehub.model.DeviceId;
import io.freehub.model.RegistryEvent;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Ends queues as the registry tells of devices that are gone. Nobody is told of what was in them. */
@ApplicationScoped
class IdentityLog {

    private final Transactions transactions;
    private final BatchReader<RegistryEvent> reader;

    IdentityLog(HubKafka kafka, Transactions transactions, CommandConfig config) {
        this.transactions = transactions;
        this.reader = new BatchReader<>(
                kafka,
                Topic.REGISTRY,
                new BatchReader.Settings(
                        "command-identities",
                        "command-identities",
                        config.messages().identityBatchSize(),
                        Duration.ZERO,
                        config.messages().identityMaxBackoff()),
                IdentityLog::read,
                batch -> end(batch.records()));
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

    private void end(List<RegistryEvent> events) throws SQLException {
        var deleted = new TreeMap<DeviceId, Long>();
        for (var event : events) {
            if (event instanceof RegistryEvent.Deleted && !event.identity().isModule()) {
                deleted.merge(event.identity().device(), Long.parseLong(event.generationId()), Math::max);
            }
        }
        if (!deleted.isEmpty()) {
            transactions.run(connection -> end(connection, deleted));
        }
    }

    private static int end(Connection connection, TreeMap<DeviceId, Long> deleted) throws SQLException {
        var queues = QueueTable.lock(connection, deleted.keySet());
        // A later life goes on.
        queues.entrySet().removeIf(queue -> queue.getValue() > deleted.get(queue.getKey()));
        MessageTable.delete(connection, queues.keySet());
        QueueTable.delete(connection, queues);
        return queues.size();
    }

    private static RegistryEvent read(ConsumerRecord<String, byte[]> record) {
        var event = HubJson.read(record.value(), RegistryEvent.class);
        // Whatever is no number is no generation of the registry's.
        Long.parseLong(event.generationId());
        return event;
    }
}
