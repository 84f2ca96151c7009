package io.freehub.twin.configuration;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.store.OutboxRelay;
import io.freehub.twin.TwinConfig;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Looks through the twins that a configuration touches when it is new, was changed or is gone, on a thread of its own. It
 * goes from page to page of devices, each a transaction that also says how far it has come; so whoever comes next goes on
 * from there, and replicas take turns. In between it counts.
 */
@ApplicationScoped
class Sweeper {

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);
    private static final Duration TO_STOP = Duration.ofSeconds(15);

    private static final String TAKE = "select configuration, stage, after_id from configuration_sweep"
            + " order by configuration limit 1 for update skip locked";
    private static final String ADVANCE =
            "update configuration_sweep set stage = ?, after_id = ? where configuration = ?";
    private static final String END = "delete from configuration_sweep where configuration = ?";

    private final AgroalDataSource dataSource;
    private final Rollout rollout;
    private final Targets targets;
    private final Counting counting;
    private final OutboxRelay relay;
    private final TwinConfig.Configurations config;
    private final Clock clock;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().daemon().name("configuration-sweeper").unstarted(this::run);

    private volatile boolean stopping;
    private Instant counted = Instant.EPOCH;

    Sweeper(
            AgroalDataSource dataSource,
            Rollout rollout,
            Targets targets,
            Counting counting,
            OutboxRelay relay,
            TwinConfig config,
            Clock clock) {
        this.dataSource = dataSource;
        this.rollout = rollout;
        this.targets = targets;
        this.counting = counting;
        this.relay = relay;
        this.config = config.configurations();
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        kick();
        thread.join(TO_STOP);
    }

    /** Says that a configuration was changed. */
    void kick() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        var backoff = FIRST_BACKOFF;
        try {
            while (!stopping) {
                try {
                    if (!sweepPage()) {
                        count();
                        pause(config.pollInterval());
                    }
                    backoff = FIRST_BACKOFF;
                } catch (SQLException | RuntimeException e) {
                    if (backoff.equals(FIRST_BACKOFF)) {
                        Log.warnf(e, "configurations not rolled out, trying on");
                    }
                    pause(backoff);
                    backoff =
                            backoff.multipliedBy(2).compareTo(MAX_BACKOFF) < 0 ? backoff.multipliedBy(2) : MAX_BACKOFF;
                }
            }
        } catch (InterruptedException e) {
            Log.info("configuration sweeper interrupted");
        }
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

    /** False when there is nothing to do. */
    private boolean sweepPage() throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var taken = take(connection);
                if (taken.isEmpty()) {
                    return false;
                }
                sweep(connection, taken.get());
                connection.commit();
                relay.kick();
                return true;
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
    }

    private void sweep(Connection connection, Sweep sweep) throws SQLException {
        var page =
                switch (sweep.stage()) {
                    case HOLDERS -> holders(connection, sweep);
                    case TARGETS -> targets(sweep);
                };
        rollout.apply(connection, page.devices());
        if (page.last().isPresent()) {
            execute(connection, ADVANCE, sweep.stage().name(), page.last().get(), sweep.configuration());
        } else if (sweep.stage() == Stage.HOLDERS) {
            execute(connection, ADVANCE, Stage.TARGETS.name(), "", sweep.configuration());
        } else {
            execute(connection, END, sweep.configuration());
            counted = Instant.EPOCH;
            Log.infof("configuration rolled out id=%s", sweep.configuration());
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

    private Page holders(Connection connection, Sweep sweep) throws SQLException {
        var devices = AssignmentTable.holders(connection, sweep.configuration(), sweep.after(), config.batchSize());
        return new Page(
                new LinkedHashSet<>(devices),
                devices.size() < config.batchSize()
                        ? Optional.empty()
                        : Optional.of(devices.getLast().value()));
    }

    private Page targets(Sweep sweep) {
        var after = Optional.of(sweep.after()).filter(id -> !id.isEmpty()).map(IdentityId::parse);
        var twins = targets.find(sweep.configuration(), after, config.batchSize());
        return new Page(
                twins.stream().map(IdentityId::device).collect(Collectors.toCollection(LinkedHashSet::new)),
                twins.size() < config.batchSize()
                        ? Optional.empty()
                        : Optional.of(twins.getLast().toString()));
    }

    private static void execute(Connection connection, String statement, String... parameters) throws SQLException {
        try (var update = connection.prepareStatement(statement)) {
            for (int i = 0; i < parameters.length; i++) {
                update.setString(i + 1, parameters[i]);
            }
            update.executeUpdate();
        }
    }

    private void count() {
        var now = clock.instant();
        if (counted.plus(config.countInterval()).isBefore(now)) {
            counting.countAll();
            counted = now;
        }
    }

    private void pause(Duration atMost) throws InterruptedException {
        if (!stopping && wake.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }
}
