package io.freehub.twin.configuration;

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
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Looks through the twins that are new or were changed, whoever changed them. */
@ApplicationScoped
class TwinChangeLog {

    /** Changes that are read at a time. Most do not matter: they are passed over faster than twins are looked at. */
    private static final int BATCH = 500;

    private final Transactions transactions;
    private final InForce inForce;
    private final Rollout rollout;
    private final OutboxRelay relay;
    private final BatchReader<Touched> reader;

    TwinChangeLog(
            HubKafka kafka,
            Transactions transactions,
            InForce inForce,
            Rollout rollout,
            OutboxRelay relay,
            TwinConfig config) {
        this.transactions = transactions;
        this.inForce = inForce;
        this.rollout = rollout;
        this.relay = relay;
        this.reader = new BatchReader<>(
                kafka,
                Topic.TWIN_CHANGES,
                new BatchReader.Settings(
                        "twin-changes",
                        "twin-configurations",
                        BATCH,
                        Duration.ZERO,
                        config.configurations().maxBackoff()),
                record -> Touched.by(HubJson.read(record.value(), TwinChange.class)),
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

    private void store(BatchReader.Batch<Touched> batch) throws SQLException {
        if (batch.records().stream().allMatch(touched -> touched.what() == Part.DESIRED)) {
            return;
        }
        if (transactions.run(connection -> adjust(connection, batch.records()))) {
            relay.kick();
        }
    }

    private boolean adjust(Connection connection, List<Touched> touched) throws SQLException {
        var all = inForce.hold(connection);
        var devices = touched.stream()
                .filter(twin -> twin.mayMatter(all))
                .map(Touched::device)
                .distinct()
                .toList();
        if (!devices.isEmpty()) {
            rollout.apply(connection, all, devices);
        }
        return !devices.isEmpty();
    }

    /** What a write may have changed. */
    private enum Part {
        /** Anything; perhaps the twin is new. */
        ALL,
        /** What the device reports. */
        REPORTED,
        /** What no condition asks for, and configurations write. */
        DESIRED
    }

    /** That a twin was written. */
    private record Touched(DeviceId device, Part what) {

        static Touched by(TwinChange change) {
            return new Touched(
                    change.identity().device(),
                    switch (change) {
                        case TwinChange.Begun _, TwinChange.Replaced _ -> Part.ALL;
                        case TwinChange.Updated updated -> part(JsonText.readObject(updated.body()));
                    });
        }

        private static Part part(Json.Fields body) {
            if (body.get("tags").isPresent()) {
                return Part.ALL;
            }
            return body.get("properties").orElse(Json.Fields.NONE) instanceof Json.Fields properties
                            && properties.get("reported").isPresent()
                    ? Part.REPORTED
                    : Part.DESIRED;
        }

        boolean mayMatter(InForce.All configurations) {
            return switch (what) {
                case ALL -> !configurations.isEmpty();
                case REPORTED -> configurations.asksForReported();
                case DESIRED -> false;
            };
        }
    }
}
