package io.freehub.twin.configuration;

import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.service.LogKeys;
import io.freehub.store.OutboxRelay;
import io.freehub.store.Worker;
import io.freehub.twin.TwinConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.MDC;

/**
 * Looks through the twins that a configuration touches when it is new, was changed or is gone, and now and then without a
 * reason. It goes from page to page of devices, each a transaction that also says how far it has come; so whoever comes next
 * goes on from there, replicas share the work, and configurations take turns.
 */
@ApplicationScoped
class Sweeper {

    private static final String TAKE = """
            select configuration, stage, after_id from configuration_sweep where waits_since <= clock_timestamp()
            order by waits_since limit 1 for update skip locked
            """;

    private static final String ADVANCE = """
            update configuration_sweep set stage = ?, after_id = ?, waits_since = clock_timestamp()
            where configuration = ?
            """;

    /** Others come first for a while. */
    private static final String POSTPONE = """
            update configuration_sweep set waits_since = clock_timestamp() + interval '5 seconds' where configuration = ?
            """;

    private static final String END = "delete from configuration_sweep where configuration = ?";

    /** When this was swept, and that it is to be counted. */
    private static final String SWEPT =
            "update configuration set swept_at = now(), counted_at = '-infinity' where id = ?";

    private static final String REVIEW = """
            insert into configuration_sweep (configuration)
            select id from configuration where swept_at < now() - make_interval(secs => ?)
            on conflict do nothing
            """;

    private final Transactions transactions;
    private final InForce inForce;
    private final Rollout rollout;
    private final Targets targets;
    private final Counting counting;
    private final OutboxRelay relay;
    private final TwinConfig.Configurations config;
    private final Worker worker;

    Sweeper(
            Transactions transactions,
            InForce inForce,
            Rollout rollout,
            Targets targets,
            Counting counting,
            OutboxRelay relay,
            TwinConfig config) {
        this.transactions = transactions;
        this.inForce = inForce;
        this.rollout = rollout;
        this.targets = targets;
        this.counting = counting;
        this.relay = relay;
        this.config = config.configurations();
        this.worker =
                new Worker("configuration-sweeper", () -> sweepPage() ? Duration.ZERO : this.config.pollInterval());
    }

    void start(@Observes StartupEvent event) {
        worker.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        worker.stop();
    }

    /** Says that a configuration was changed. */
    void kick() {
        worker.kick();
    }

    boolean isAlive() {
        return worker.isAlive();
    }

    private enum Stage {
        /** Twins that have the configuration. */
        HOLDERS,
        /** Twins that meet its condition. */
        TARGETS
    }

    /** How far the twins of a configuration have been looked through. */
    private record Sweep(String configuration, Stage stage, String after) {}

    /**
     * A part of them.
     *
     * @param last where the next page begins; empty when there is none
     */
    private record Page(Set<DeviceId> devices, Optional<String> last) {}

    /** What keeps the twins of one configuration from being looked through. */
    private static final class NotSweptException extends RuntimeException {

        private final String configuration;

        private NotSweptException(String configuration, Exception cause) {
            super(cause);
            this.configuration = configuration;
        }
    }

    /** False when there is nothing to do. */
    private boolean sweepPage() throws SQLException {
        try {
            boolean swept = transactions.run(this::sweepPage);
            relay.kick();
            return swept;
        } catch (NotSweptException e) {
            // With the database away this fails too.
            transactions.run(connection -> execute(connection, POSTPONE, e.configuration));
            Log.warnf(e.getCause(), "configuration not rolled out, trying on configuration=%s", e.configuration);
            return true;
        } finally {
            MDC.remove(LogKeys.CORRELATION_ID);
        }
    }

    private boolean sweepPage(Connection connection) throws SQLException {
        // Before the row of a sweep, as who changes a configuration does.
        var all = inForce.hold(connection);
        var taken = take(connection);
        if (taken.isEmpty()) {
            return review(connection);
        }
        MDC.put(LogKeys.CORRELATION_ID, taken.get().configuration());
        try {
            sweep(connection, all, taken.get());
        } catch (SQLException | RuntimeException e) {
            throw new NotSweptException(taken.get().configuration(), e);
        }
        return true;
    }

    private void sweep(Connection connection, InForce.All all, Sweep sweep) throws SQLException {
        var page =
                switch (sweep.stage()) {
                    case HOLDERS -> holders(connection, sweep);
                    case TARGETS -> targets(all, sweep);
                };
        rollout.apply(connection, all, page.devices());
        if (page.last().isPresent()) {
            execute(connection, ADVANCE, sweep.stage().name(), page.last().get(), sweep.configuration());
        } else if (sweep.stage() == Stage.HOLDERS) {
            execute(connection, ADVANCE, Stage.TARGETS.name(), "", sweep.configuration());
        } else {
            execute(connection, END, sweep.configuration());
            execute(connection, SWEPT, sweep.configuration());
            counting.kick();
            Log.infof("configuration rolled out configuration=%s", sweep.configuration());
        }
    }

    private static Optional<Sweep> take(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement(TAKE);
                var rows = query.executeQuery()) {
            return rows.next()
                    ? Optional.of(new Sweep(rows.getString(1), Stage.valueOf(rows.getString(2)), rows.getString(3)))
                    : Optional.empty();
        }
    }

    /** Whatever was missed, by a lost topic or a twin that was full, is found in the end. */
    private boolean review(Connection connection) throws SQLException {
        try (var insert = connection.prepareStatement(REVIEW)) {
            insert.setDouble(1, config.reviewInterval().toSeconds());
            return insert.executeUpdate() > 0;
        }
    }

    private Page holders(Connection connection, Sweep sweep) throws SQLException {
        var devices = AssignmentTable.holders(connection, sweep.configuration(), sweep.after(), config.batchSize());
        return new Page(
                new LinkedHashSet<>(devices),
                devices.size() < config.batchSize()
                        ? Optional.empty()
                        : Optional.of(devices.getLast().value()));
    }

    private Page targets(InForce.All all, Sweep sweep) {
        var after = Optional.of(sweep.after()).filter(id -> !id.isEmpty()).map(IdentityId::parse);
        var twins = Optional.ofNullable(all.byId().get(sweep.configuration()))
                .map(configuration -> targets.find(configuration, after, config.batchSize()))
                .orElseGet(List::of);
        return new Page(
                twins.stream().map(IdentityId::device).collect(Collectors.toCollection(LinkedHashSet::new)),
                twins.size() < config.batchSize()
                        ? Optional.empty()
                        : Optional.of(twins.getLast().toString()));
    }

    private static int execute(Connection connection, String statement, String... parameters) throws SQLException {
        try (var update = connection.prepareStatement(statement)) {
            for (int i = 0; i < parameters.length; i++) {
                update.setString(i + 1, parameters[i]);
            }
            return update.executeUpdate();
        }
    }
}
