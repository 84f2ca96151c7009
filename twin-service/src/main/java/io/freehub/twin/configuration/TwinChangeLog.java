package io.freehub.twin.configuration;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.DeviceId;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.freehub.store.OutboxRelay;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Looks through the twins that are new or were changed, whoever changed them. */
@ApplicationScoped
class TwinChangeLog {

    private final AgroalDataSource dataSource;
    private final Rollout rollout;
    private final OutboxRelay relay;
    private final TwinConfig.Configurations config;
    private final BatchReader<TwinChange> reader;

    TwinChangeLog(HubKafka kafka, AgroalDataSource dataSource, Rollout rollout, OutboxRelay relay, TwinConfig config) {
        this.dataSource = dataSource;
        this.rollout = rollout;
        this.relay = relay;
        this.config = config.configurations();
        this.reader = new BatchReader<>(
                kafka,
                Topic.TWIN_CHANGES,
                new BatchReader.Settings(
                        "twin-changes",
                        "twin-configurations",
                        this.config.batchSize(),
                        Duration.ZERO,
                        this.config.maxBackoff()),
                record -> HubJson.read(record.value(), TwinChange.class),
                this::store);
    }

    void start(@Observes StartupEvent event) {
        reader.start();
    }

    void stop(@Observes ShutdownEvent event) {
        reader.close();
    }

    boolean isAlive() {
        return reader.isAlive();
    }

    private void store(BatchReader.Batch<TwinChange> batch) throws SQLException {
        if (batch.records().isEmpty() || !rollout.hasConfigurations()) {
            return;
        }
        var devices = batch.records().stream()
                .filter(TwinChangeLog::mayMatter)
                .map(change -> change.identity().device())
                .distinct()
                .toList();
        if (!devices.isEmpty()) {
            apply(devices);
        }
    }

    /** Conditions do not ask for desired properties, and those are what configurations write. */
    private static boolean mayMatter(TwinChange change) {
        return switch (change) {
            case TwinChange.Begun _, TwinChange.Replaced _ -> true;
            case TwinChange.Updated updated -> {
                var body = JsonText.readObject(updated.body());
                yield body.get("tags").isPresent()
                        || body.get("properties").orElse(Json.Fields.NONE) instanceof Json.Fields properties
                                && properties.get("reported").isPresent();
            }
        };
    }

    private void apply(List<DeviceId> devices) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                rollout.apply(connection, devices);
                connection.commit();
                relay.kick();
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
    }
}
