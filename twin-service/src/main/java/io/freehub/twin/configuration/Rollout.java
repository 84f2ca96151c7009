package io.freehub.twin.configuration;

import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.freehub.twin.document.Twin;
import io.freehub.twin.document.TwinWrite;
import io.freehub.twin.twin.BackEndWrite;
import io.freehub.twin.twin.StoredTwin;
import io.freehub.twin.twin.TwinTable;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Gives twins the configurations that they are to have, and takes others from them. */
@ApplicationScoped
class Rollout {

    private final ConfigurationStore store;
    private final Database database;
    private final Outbox outbox;
    private final ConfigurationMetrics metrics;
    private final Clock clock;

    Rollout(ConfigurationStore store, Database database, Outbox outbox, ConfigurationMetrics metrics, Clock clock) {
        this.store = store;
        this.database = database;
        this.outbox = outbox;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Whether there is any configuration. */
    boolean hasConfigurations() {
        return Waiting.forIt(() -> database.read(store::count)) > 0;
    }

    /**
     * Looks through the twins of these devices and of their modules, in the transaction of the connection. Doing it again
     * changes nothing.
     */
    void apply(Connection connection, Collection<DeviceId> devices) throws SQLException {
        var twins = TwinTable.lock(connection, AssignmentTable.families(connection, devices));
        var before = AssignmentTable.find(connection, twins.keySet());
        // Read after the locks were taken: whoever changes a configuration afterwards looks these twins through again.
        var configurations = Waiting.forIt(() -> database.read(store::all));
        var byId = configurations.stream().collect(Collectors.toMap(Configuration::id, Function.identity()));
        var decided = new Decided();
        families(twins)
                .forEach((_, family) -> Claim.of(configurations, family).forEach((identity, claims) -> Adjustment.of(
                                identity,
                                family.get(identity).desired().values(),
                                before.getOrDefault(identity, List.of()),
                                claims,
                                byId)
                        .ifPresent(adjustment -> decided.take(identity, twins.get(identity), adjustment))));
        AssignmentTable.put(connection, decided.assignments);
        TwinTable.saveWritten(connection, decided.written);
        outbox.add(connection, decided.records);
        metrics.adjusted(decided.assignments.size());
    }

    private static Map<DeviceId, SequencedMap<IdentityId, Twin>> families(Map<IdentityId, StoredTwin> twins) {
        Map<DeviceId, SequencedMap<IdentityId, Twin>> families = new TreeMap<>();
        twins.forEach((identity, stored) -> families.computeIfAbsent(identity.device(), _ -> new TreeMap<>())
                .put(identity, stored.twin()));
        return families;
    }

    /** What is to be written. */
    private final class Decided {

        private final Map<IdentityId, List<Assignment>> assignments = new LinkedHashMap<>();
        private final Map<IdentityId, StoredTwin> written = new LinkedHashMap<>();
        private final List<OutboxRecord> records = new ArrayList<>();

        void take(IdentityId identity, StoredTwin stored, Adjustment adjustment) {
            adjustment
                    .refusal()
                    .ifPresent(reason -> Log.warnf("configurations not applied twin=%s reason=%s", identity, reason));
            assignments.put(identity, adjustment.assignments());
            adjustment.patch().ifPresent(patch -> {
                var write = BackEndWrite.of(
                        identity,
                        stored.twin(),
                        stored.watcher(),
                        new TwinWrite.Patch(Optional.empty(), Optional.of(patch)),
                        clock.instant());
                written.put(identity, stored.with(write.twin()));
                records.addAll(write.records());
            });
        }
    }
}
