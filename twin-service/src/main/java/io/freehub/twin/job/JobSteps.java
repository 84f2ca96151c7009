package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.query.Expression;
import io.freehub.query.Query;
import io.freehub.query.QueryException;
import io.freehub.query.QueryParser;
import io.freehub.service.LogKeys;
import io.freehub.store.Database;
import io.freehub.store.Waiting;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.job.ScheduledJob.Status;
import io.freehub.twin.search.TwinSearch;
import io.freehub.twin.twin.Twins;
import io.quarkus.logging.Log;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.MDC;

/**
 * Does jobs step by step. A step is one transaction that locks the job, so no two do one at once: what it does to devices,
 * their records, what is told of them and how far the job is come together or not at all. Nothing is kept between steps;
 * whoever comes first does the next.
 */
@ApplicationScoped
class JobSteps {

    /** How soon to look again when somebody else is at the job. */
    private static final Duration CONTENDED = Duration.ofMillis(50);

    /** How soon to try a job again that could not get on. */
    private static final Duration POSTPONED = Duration.ofSeconds(5);

    /** How far a job that was held up may catch up. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    /** For how long devices are called without a word in the database; after that anybody may call them. */
    private static final Duration CLAIM = Duration.ofSeconds(15);

    /** For what has been heard of devices to be written down. */
    private static final Duration TO_STOP = Duration.ofSeconds(10);

    private final JobStore store;
    private final TwinSearch search;
    private final Twins twins;
    private final MethodCalls methods;
    private final Database database;
    private final TwinConfig.Jobs config;
    private final JobMetrics metrics;
    private final Clock clock;

    private volatile boolean stopping;
    private volatile Runnable kick = () -> {};
    private volatile ExecutorService rounds = Executors.newVirtualThreadPerTaskExecutor();

    JobSteps(
            JobStore store,
            TwinSearch search,
            Twins twins,
            MethodCalls methods,
            Database database,
            TwinConfig config,
            JobMetrics metrics,
            Clock clock) {
        this.store = store;
        this.search = search;
        this.twins = twins;
        this.methods = methods;
        this.database = database;
        this.config = config.jobs();
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Does the step that is due the longest, if one is, on the calling thread, which may not be an event loop's.
     *
     * @return how long to wait before the next
     */
    Duration next() {
        var next = Waiting.forIt(() -> database.read(store::next));
        if (next.isEmpty()) {
            return config.pollInterval();
        }
        var now = clock.instant();
        if (next.get().at().isAfter(now)) {
            var left = Duration.between(now, next.get().at());
            return left.compareTo(config.pollInterval()) < 0 ? left : config.pollInterval();
        }
        var job = next.get().job();
        MDC.put(LogKeys.CORRELATION_ID, job.id());
        try {
            return doSurely(job, JobStep.of(job, now)) ? Duration.ZERO : CONTENDED;
        } finally {
            MDC.remove(LogKeys.CORRELATION_ID);
        }
    }

    /** Forgets jobs that ended long ago. */
    void forget() {
        var before = clock.instant().minus(config.history());
        while (Waiting.forIt(() -> database.write(() -> store.forget(before, config.pageSize())))) {
            // the next ones
        }
    }

    /** One job that cannot get on must not hold up the others. */
    private boolean doSurely(ScheduledJob job, JobStep step) {
        try {
            return take(job, step);
        } catch (QueryException e) {
            return fail(job, HubError.ARGUMENT_INVALID, "queryCondition: " + e.getMessage());
        } catch (HubException e) {
            if (e.error() != HubError.SERVICE_UNAVAILABLE) {
                return fail(job, e.error(), e.getMessage());
            }
            Waiting.forIt(() -> database.write(() -> store.lock(job)
                    .invoke(row -> row.ifPresent(
                            locked -> locked.dueAt = clock.instant().plus(POSTPONED)))));
            Log.warnf("job cannot get on, trying on reason=%s", e.getCause());
            return true;
        } catch (RuntimeException e) {
            Log.error("job failed", e);
            return fail(job, HubError.SERVER_ERROR, "the hub failed; its log tells more under " + job.id());
        }
    }

    /** False when somebody else is at the job. */
    private boolean take(ScheduledJob job, JobStep step) {
        return switch (step) {
            case JobStep.Wait(var until) ->
                change(job, row -> {
                    row.status = Status.SCHEDULED;
                    row.dueAt = until;
                    return Uni.createFrom().voidItem();
                });
            case JobStep.Begin() -> {
                Log.infof("job begins type=%s", job.work().type().wireName());
                yield change(job, row -> {
                    row.status = Status.RUNNING;
                    row.startedAt = clock.instant();
                    return Uni.createFrom().voidItem();
                });
            }
            case JobStep.Gather(var after) -> gather(job, after);
            case JobStep.Work(var after) -> work(job, after);
            case JobStep.Fail(var error, var reason) -> fail(job, error, reason);
        };
    }

    private boolean gather(ScheduledJob job, String after) {
        var condition = condition(job);
        // Outside the transaction: nobody who wants to cancel the job should wait for it.
        var found = Waiting.forIt(() -> find(condition, after));
        boolean all = found.size() < config.pageSize();
        return change(job, row -> {
            row.gatheredTo = all ? row.gatheredTo : found.getLast();
            row.gathered = all;
            row.devices += found.size();
            return store.gather(job, found);
        });
    }

    private Uni<List<String>> find(Optional<Expression> condition, String after) {
        var last = Optional.of(after).filter(id -> !id.isEmpty()).map(IdentityId::parse);
        return search.find(Query.Source.DEVICES, condition, last, config.pageSize())
                .map(found -> found.stream().map(IdentityId::toString).toList());
    }

    private static Optional<Expression> condition(ScheduledJob job) {
        return job.condition().equals(JobRequest.ALL)
                ? Optional.empty()
                : Optional.of(QueryParser.parseCondition(job.condition()));
    }

    private boolean work(ScheduledJob job, String after) {
        return switch (job.work()) {
            case JobWork.UpdateTwin update -> updateTwins(job, update, after);
            case JobWork.CallMethod call -> callMethods(job, call, after);
        };
    }

    private boolean updateTwins(ScheduledJob job, JobWork.UpdateTwin update, String after) {
        return change(job, row -> store.devices(job, after, config.batchSize()).chain(devices -> {
            if (devices.isEmpty()) {
                row.end(Status.COMPLETED, clock.instant());
                return Uni.createFrom().voidItem();
            }
            return twins.writeAll(devices, update.write())
                    .call(failures -> store.worked(job, devices, failures))
                    .invoke(failures -> {
                        row.workedTo = devices.getLast().toString();
                        row.failed += failures.size();
                        row.succeeded += devices.size() - failures.size();
                        row.dueAt = paced(row.dueAt, devices.size());
                    })
                    .replaceWithVoid();
        }));
    }

    /**
     * Devices may take minutes to answer. So the job is claimed first, for a short time that is prolonged again and again; what
     * became of devices is written down each time; and neither a transaction nor the worker's thread waits.
     */
    private boolean callMethods(ScheduledJob job, JobWork.CallMethod work, String after) {
        var devices = new AtomicReference<List<IdentityId>>(List.of());
        boolean claimed = change(job, row -> {
            if (row.dueAt.isAfter(clock.instant())) {
                // Somebody else was faster.
                return Uni.createFrom().voidItem();
            }
            return store.devices(job, after, config.pageSize())
                    .invoke(found -> {
                        devices.set(found);
                        if (found.isEmpty()) {
                            row.end(Status.COMPLETED, clock.instant());
                        } else {
                            row.dueAt = clock.instant().plus(CLAIM);
                        }
                    })
                    .replaceWithVoid();
        });
        if (!devices.get().isEmpty()) {
            rounds.execute(() -> callMethods(job, work, devices.get()));
        }
        return claimed;
    }

    private void callMethods(ScheduledJob claimed, JobWork.CallMethod work, List<IdentityId> devices) {
        MDC.put(LogKeys.CORRELATION_ID, claimed.id());
        var job = claimed;
        var begun = clock.instant();
        var unwritten = new ArrayList<DeviceOutcome>();
        boolean postponed = false;
        try (var round = methods.round(work, devices)) {
            boolean goesOn = true;
            while (goesOn) {
                unwritten.addAll(round.await(CLAIM.dividedBy(5)));
                postponed |= unwritten.stream().anyMatch(DeviceOutcome.Postponed.class::isInstance);
                goesOn = !round.isOver() && !stopping && JobStep.of(job, clock.instant()) instanceof JobStep.Work;
                var due = goesOn
                        ? clock.instant().plus(CLAIM)
                        : round.isOver() && postponed ? clock.instant().plus(POSTPONED) : paced(begun, devices.size());
                var workedTo = round.isOver() && !postponed ? devices.getLast().toString() : "";
                var written = writeDown(job, unwritten, workedTo, due);
                if (written.isPresent()) {
                    job = written.get();
                    unwritten.clear();
                } else {
                    // Cancelled, or another's by now; or the database is away, and then the others come to it as late
                    // as this.
                    goesOn = !stopping && isStill(job);
                    TimeUnit.MILLISECONDS.sleep(CONTENDED.toMillis());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            Log.error("calls of a job ended, trying on", e);
        } finally {
            MDC.remove(LogKeys.CORRELATION_ID);
            kick.run();
        }
    }

    private Optional<ScheduledJob> writeDown(
            ScheduledJob job, List<DeviceOutcome> outcomes, String workedTo, Instant due) {
        try {
            return changed(job, row -> store.called(job, outcomes).invoke(() -> {
                outcomes.forEach(outcome -> {
                    switch (outcome) {
                        case DeviceOutcome.Answered _ -> row.succeeded++;
                        case DeviceOutcome.Failed _ -> row.failed++;
                        case DeviceOutcome.Postponed _ -> {}
                    }
                });
                row.workedTo = workedTo.isEmpty() ? row.workedTo : workedTo;
                row.dueAt = due;
            }));
        } catch (HubException e) {
            Log.warnf("outcomes of a job not written down, trying on reason=%s", e.getCause());
            return Optional.empty();
        }
    }

    /** Whether nobody else has done anything to the job; also while that cannot be told. */
    private boolean isStill(ScheduledJob job) {
        try {
            return Waiting.forIt(() -> database.read(() -> store.find(job.id())))
                    .filter(row -> row.job().equals(job))
                    .isPresent();
        } catch (RuntimeException e) {
            return true;
        }
    }

    /** From now on calls of methods may go on, and this is told when some have ended. */
    void begin(Runnable kick) {
        this.kick = kick;
        stopping = false;
        rounds = Executors.newVirtualThreadPerTaskExecutor();
    }

    /** Hangs up on devices that have not answered; another replica calls them again. */
    void stop() throws InterruptedException {
        stopping = true;
        rounds.shutdown();
        rounds.awaitTermination(TO_STOP.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Instant paced(Instant due, int devices) {
        var earliest = clock.instant().minus(SLACK);
        return (due.isBefore(earliest) ? earliest : due)
                .plus(Duration.ofSeconds(devices).dividedBy(config.devicesPerSecond()));
    }

    private boolean fail(ScheduledJob job, HubError error, String reason) {
        return change(job, row -> {
            row.failureCode = error.wireName();
            row.failureReason = reason;
            // Those that wait have failed with it; their records follow the job's.
            row.failed = row.devices - row.succeeded;
            row.end(Status.FAILED, clock.instant());
            return Uni.createFrom().voidItem();
        });
    }

    private interface Change {
        Uni<Void> make(JobRow row);
    }

    /** Changes the job in a transaction; false when somebody else is at it or was. */
    private boolean change(ScheduledJob job, Change change) {
        return changed(job, change).isPresent();
    }

    private Optional<ScheduledJob> changed(ScheduledJob job, Change change) {
        var after = Waiting.forIt(() -> database.write(() -> store.lock(job)
                .chain(locked -> locked.isEmpty()
                        ? Uni.createFrom().item(Optional.<ScheduledJob>empty())
                        : change.make(locked.get())
                                .map(_ -> Optional.of(locked.get().job())))));
        after.ifPresent(changed -> told(job, changed));
        return after;
    }

    private void told(ScheduledJob before, ScheduledJob after) {
        var progress = after.progress();
        metrics.devices(
                progress.succeeded() - before.progress().succeeded(),
                progress.failed() - before.progress().failed());
        if (after.ended().isPresent()) {
            metrics.finished(after.status()).increment();
            Log.infof(
                    "job ended status=%s devices=%d succeeded=%d failed=%d reason=%s",
                    after.status().wireName(),
                    progress.devices(),
                    progress.succeeded(),
                    progress.failed(),
                    after.failureReason().orElse("none"));
        }
    }
}
