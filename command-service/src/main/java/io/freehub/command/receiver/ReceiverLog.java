package io.freehub.command.receiver;

import io.agroal.api.AgroalDataSource;
import io.freehub.command.CommandConfig;
import io.freehub.model.GatewayInstance;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.freehub.store.OutboxRelay;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Stores what sessions say of what they receive, and what follows from it. */
@ApplicationScoped
public class ReceiverLog {

    /** Receivers that are removed in one transaction. */
    private static final int MANY = 500;

    private final AgroalDataSource dataSource;
    private final List<ReceiverObserver> observers;
    private final OutboxRelay relay;
    private final Clock clock;
    private final BatchReader<ReceiverEvent> reader;

    ReceiverLog(
            HubKafka kafka,
            AgroalDataSource dataSource,
            @All List<ReceiverObserver> observers,
            OutboxRelay relay,
            CommandConfig config,
            Clock clock) {
        this.dataSource = dataSource;
        this.observers = observers;
        this.relay = relay;
        this.clock = clock;
        this.reader = new BatchReader<>(
                kafka,
                Topic.RECEIVERS,
                new BatchReader.Settings(
                        "command-receivers",
                        "command-receivers",
                        config.receivers().batchSize(),
                        config.receivers().gather(),
                        config.receivers().maxBackoff()),
                ReceiverLog::read,
                batch -> store(batch.records()));
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

    /** Removes the receivers that a gateway had before this incarnation, as if it had told of their end. */
    public void outlived(int ordinal, long incarnation) throws SQLException {
        changeAll(connection -> ReceiverTable.removeOutlived(connection, ordinal, incarnation, MANY, clock.instant()));
    }

    /** Lets the receivers of a gateway that may be gone receive nothing, as if it had told of their end. */
    public void suspend(GatewayInstance gateway) throws SQLException {
        changeAll(connection -> ReceiverTable.suspend(connection, gateway, true, MANY, clock.instant()));
    }

    /** Lets the receivers of a gateway receive again after {@link #suspend}, as if it had told of them anew. */
    public void resume(GatewayInstance gateway) throws SQLException {
        changeAll(connection -> ReceiverTable.suspend(connection, gateway, false, MANY, clock.instant()));
    }

    /** Changes some receivers, and says what follows from it. */
    private interface Change {
        List<ReceiverEvent> in(Connection connection) throws SQLException;
    }

    private void changeAll(Change change) throws SQLException {
        boolean more = true;
        while (more) {
            more = inTransaction(change).size() == MANY;
        }
    }

    private void store(List<ReceiverEvent> events) throws SQLException {
        inTransaction(connection -> {
            ReceiverTable.store(connection, events);
            return events;
        });
    }

    private List<ReceiverEvent> inTransaction(Change change) throws SQLException {
        List<ReceiverEvent> events;
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                events = change.in(connection);
                if (!events.isEmpty()) {
                    for (var observer : observers) {
                        observer.changed(connection, events);
                    }
                }
                connection.commit();
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
        if (!events.isEmpty()) {
            relay.kick();
        }
        return events;
    }

    private static ReceiverEvent read(ConsumerRecord<String, byte[]> record) {
        var event = HubJson.read(record.value(), ReceiverEvent.class);
        if (event instanceof ReceiverEvent.Attached attached) {
            // Whatever is no number is no generation of the registry's.
            Long.parseLong(attached.generationId());
        }
        return event;
    }
}
