package io.freehub.twin.configuration;

import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.freehub.twin.TwinConfig;
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
import java.util.stream.Collectors;

/** Gives twins the configurations that they are to have, and takes others from them. */
@ApplicationScoped
class Rollout {

    private final Outbox outbox;
    private final ConfigurationMetrics metrics;
    private final Clock clock;
    private final int batchSize;

    Rollout(Outbox outbox, ConfigurationMetrics metrics, TwinConfig config, Clock clock) {
        this.outbox = outbox;
        this.metrics = metrics;
        this.clock = clock;
        this.batchSize = config.configurations().batchSize();
    }

    /**
     * Looks through the twins of these devices and of their modules, in the transaction of the connection. Doing it again
     * changes nothing.
     *
     * @param inForce held by the same transaction
     */
    void apply(Connection connection, InForce.All inForce, Collection<DeviceId> devices) throws SQLException {
        for (var families : portions(AssignmentTable.families(connection, devices))) {
            adjust(connection, inForce, families);
        }
    }

    /** Devices may have fifty modules each: no more than so many twins are in memory at a time, and the rest of a family. */
    private List<List<IdentityId>> portions(Collection<IdentityId> twins) {
        var portions = new ArrayList<List<IdentityId>>();
        var portion = new ArrayList<IdentityId>();
        for (var family : twins.stream()
                .collect(Collectors.groupingBy(IdentityId::device, TreeMap::new, Collectors.toList()))
                .values()) {
            portion.addAll(family);
            if (portion.size() >= batchSize) {
                portions.add(List.copyOf(portion));
                portion.clear();
            }
        }
        if (!portion.isEmpty()) {
            portions.add(List.copyOf(portion));
        }
        return portions;
    }

    private void adjust(Connection connection, InForce.All inForce, List<IdentityId> portion) throws SQLException {
        var twins = TwinTable.lock(connection, portion);
        var before = AssignmentTable.find(connection, twins.keySet());
        var decided = new Decided();
        families(twins).forEach((_, family) -> Claim.of(inForce.byPriority(), family)
                .forEach((identity, claims) -> Adjustment.of(
                                identity,
                                family.get(identity).desired().values(),
                                before.getOrDefault(identity, List.of()),
                                claims,
                                inForce.byId())
                        .ifPresent(adjustment -> decided.take(identity, twins.get(identity), adjustment))));
        AssignmentTable.put(connection, before, decided.assignments);
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
                    .ifPresent(reason -> Log.warnf(
                            "configurations not applied twin=%s configurations=%s reason=%s",
                            identity,
                            adjustment.assignments().stream()
                                    .map(Assignment::configuration)
                                    .toList(),
                            reason));
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
