package io.freehub.registry.job;

import io.freehub.registry.job.JobStorage.Blob;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Jobs in the database. There the worker of a job is settled: every step of one also asks whether the job is still its
 * own, in the transaction of what it does, so nothing is ever done by two.
 */
@ApplicationScoped
class JobStore implements PanacheRepositoryBase<JobRow, String> {

    private static final int MAX_LISTED = 1000;
    private static final int ERRORS_AT_ONCE = 100;

    private static final String ACTIVE = "status in ('ENQUEUED', 'RUNNING')";
    private static final String MINE = " where id = :id and worker = :worker and status = 'RUNNING'";
    private static final String LEASE = "leased_until = now() + cast(:lease as double precision) * interval '1 second'";

    /** What clients wrote wrongly, in the order of their lines. */
    record Errors(long position, String text) {}

    /** False when there is an active job already. */
    Uni<Boolean> insert(String id, JobTask task, Optional<Blob> blob) {
        var input = task instanceof JobTask.Import(var container, var _, var _) ? container.text() : "";
        return run(
                        "insert into job (id, type, status, input_container, output_container, blob, exclude_keys,"
                                + " blob_version, total) select :id, :type, 'ENQUEUED', nullif(:input, ''), :output,"
                                + " :blob, :excludeKeys, nullif(:version, ''), cast(:total as bigint)"
                                + " where not exists (select from job where " + ACTIVE + ")",
                        Map.of(
                                "id", id,
                                "type", task.type().name(),
                                "input", input,
                                "output", task.output().text(),
                                "blob", task.blob(),
                                "excludeKeys", task instanceof JobTask.Export(var _, var _, boolean exclude) && exclude,
                                "version", blob.map(Blob::version).orElse(""),
                                "total", blob.map(Blob::size).orElse(0L)))
                .map(JobStore::isOne);
    }

    Uni<Boolean> hasActive() {
        return count("status in ?1", List.of(Job.Status.ENQUEUED, Job.Status.RUNNING))
                .map(count -> count > 0);
    }

    Uni<Optional<Job>> get(String id) {
        return findById(id).map(row -> Optional.ofNullable(row).map(JobRow::job));
    }

    /** The latest ones, the last first. */
    Uni<List<Job>> latest(Instant since) {
        return find("createdAt > ?1", Sort.descending("createdAt"), since)
                .page(0, MAX_LISTED)
                .list()
                .map(rows -> rows.stream().map(JobRow::job).toList());
    }

    /** False when there is no such job, or it has ended. */
    Uni<Boolean> cancel(String id) {
        return run(
                        "update job set status = 'CANCELLED', ended_at = now(), input_container = null,"
                                + " output_container = null where id = :id and " + ACTIVE,
                        Map.of("id", id))
                .call(() -> dropErrors(id))
                .map(JobStore::isOne);
    }

    /** Takes the job that waits, or whose worker gives no sign of life, if there is one. */
    Uni<Optional<JobRun>> take(String worker, Duration lease) {
        return run(
                        "update job set status = 'RUNNING', started_at = coalesce(started_at, now()), worker = :worker, "
                                + LEASE + " where " + ACTIVE
                                + " and (leased_until is null or leased_until < now() or worker = :worker)",
                        Map.of("worker", worker, "lease", seconds(lease)))
                .chain(taken -> taken == 0
                        ? Uni.createFrom().item(Optional.empty())
                        : find("status = ?1 and worker = ?2", Job.Status.RUNNING, worker)
                                .firstResult()
                                .map(row -> Optional.of(row.run())));
    }

    /** Says how much there is to do, and that the worker begins anew. */
    Uni<Void> begin(JobRun run, long total, Duration lease) {
        return mine(
                run,
                "total = cast(:total as bigint), position = 0, " + LEASE,
                Map.of("total", total, "lease", seconds(lease)));
    }

    /**
     * Says how far the job is.
     *
     * @param errors lines for the log of errors; none when empty
     */
    Uni<Void> advance(JobRun run, long position, long lines, String errors, Duration lease) {
        return mine(
                        run,
                        "position = cast(:position as bigint), lines = cast(:lines as bigint), " + LEASE,
                        Map.of("position", position, "lines", lines, "lease", seconds(lease)))
                .call(() -> errors.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : run(
                                "insert into job_errors (job, position, text) values (:id, :position, :text)",
                                Map.of("id", run.id(), "position", position, "text", errors)));
    }

    /** Leaves the job to whoever comes first. */
    Uni<Void> release(JobRun run) {
        return mine(run, "leased_until = null", Map.of());
    }

    /** Ends the job. */
    Uni<Void> end(JobRun run, Job.Status status, Optional<String> failureReason) {
        return mine(
                        run,
                        "status = :status, failure_reason = nullif(:reason, ''), ended_at = now(), input_container = null,"
                                + " output_container = null",
                        Map.of("status", status.name(), "reason", failureReason.orElse("")))
                .call(() -> dropErrors(run.id()));
    }

    /** The next errors of a job, in the order of their lines. */
    Uni<List<Errors>> errors(String job, long after) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(
                                "select position, text from job_errors where job = :job and position > :after"
                                        + " order by position limit " + ERRORS_AT_ONCE,
                                Object[].class)
                        .setParameter("job", job)
                        .setParameter("after", after)
                        .getResultList())
                .map(rows -> rows.stream()
                        .map(row -> new Errors(((Number) row[0]).longValue(), (String) row[1]))
                        .toList());
    }

    /** Forgets jobs that ended before. */
    Uni<Void> forget(Instant endedBefore) {
        return delete("endedAt < ?1", endedBefore).replaceWithVoid();
    }

    private Uni<Void> dropErrors(String job) {
        return run("delete from job_errors where job = :id", Map.of("id", job)).replaceWithVoid();
    }

    private static Uni<Void> mine(JobRun run, String change, Map<String, Object> parameters) {
        var all = new HashMap<>(parameters);
        all.put("id", run.id());
        all.put("worker", run.worker());
        return run("update job set " + change + MINE, all)
                .invoke(count -> {
                    if (count == 0) {
                        throw new JobLostException(run.id());
                    }
                })
                .replaceWithVoid();
    }

    private static Uni<Integer> run(String sql, Map<String, Object> parameters) {
        return Panache.getSession().chain(session -> {
            var query = session.createNativeQuery(sql);
            parameters.forEach(query::setParameter);
            return query.executeUpdate();
        });
    }

    private static boolean isOne(int count) {
        return count == 1;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
