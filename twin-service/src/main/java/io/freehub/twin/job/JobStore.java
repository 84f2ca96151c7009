package io.freehub.twin.job;

import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Parameters;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.LockMode;
import org.hibernate.reactive.mutiny.Mutiny;

/** Jobs and their devices in the database. */
@ApplicationScoped
class JobStore implements PanacheRepositoryBase<JobRow, Long> {

    private static final String GATHER = """
            insert into device_job (job, device, created_at)
            select :job, id, now()
            from json_array_elements_text(cast(cast(:devices as text) as json)) as r(id)
            """;

    private static final String NEXT = """
            select device from device_job where job = :job and device > :after and status = 'PENDING'
            order by device limit :count
            """;

    private static final String WORKED = """
            update device_job d
            set status = case when r.code is null then 'COMPLETED' else 'FAILED' end,
                started_at = coalesce(r.begun, now()), ended_at = now(),
                error_code = r.code, error_description = r.description,
                outcome_status = r.outcome, outcome_payload = r.payload
            from json_to_recordset(cast(cast(:devices as text) as json))
                as r(id text, code text, description text, begun timestamptz, outcome integer, payload text)
            where d.job = :job and d.device = r.id
            """;

    private static final String FORGET_DEVICES = """
            delete from device_job where (job, device) in (
                select d.job, d.device from device_job d join scheduled_job j on j.number = d.job
                where j.ended_at < :before limit :count)
            """;

    private static final String FORGET = """
            delete from scheduled_job where number in (
                select number from scheduled_job where ended_at < :before limit :count)
            """;

    Uni<Optional<JobRow>> find(String id) {
        return find("id", id).firstResult().map(Optional::ofNullable);
    }

    /** The same, locked until the transaction ends. */
    Uni<Optional<JobRow>> lock(String id) {
        return find("id", id)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResult()
                .map(Optional::ofNullable);
    }

    /** Those that have not ended. */
    Uni<Long> countOpen() {
        return count("endedAt is null");
    }

    /** What a page of a list is of: the latest first. */
    Uni<List<ScheduledJob>> page(JobList list, int count) {
        var parameters = Parameters.with("before", list.before());
        list.type().ifPresent(type -> parameters.and("type", type));
        list.status().ifPresent(status -> parameters.and("status", status));
        return find(
                        "number < :before" + (list.type().isPresent() ? " and type = :type" : "")
                                + (list.status().isPresent() ? " and status = :status" : ""),
                        Sort.descending("number"),
                        parameters)
                .page(0, count)
                .list()
                .map(rows -> rows.stream().map(JobRow::job).toList());
    }

    /** A job and when its next step is due. */
    record Due(ScheduledJob job, Instant at) {}

    /** The job of which something is to be done next, whether or not somebody is at it. */
    Uni<Optional<Due>> next() {
        return find("endedAt is null", Sort.by("dueAt")).firstResult().map(row -> Optional.ofNullable(row)
                .map(found -> new Due(found.job(), found.dueAt)));
    }

    /** Locks the job until the transaction ends; empty when somebody else has, or did something of it since it was read. */
    Uni<Optional<JobRow>> lock(ScheduledJob job) {
        return Panache.getSession()
                .chain(session -> session.find(JobRow.class, job.number(), LockMode.UPGRADE_SKIPLOCKED))
                .map(row ->
                        Optional.ofNullable(row).filter(locked -> locked.job().equals(job)));
    }

    /** Writes down devices that a job has, all waiting. */
    Uni<Void> gather(ScheduledJob job, List<String> devices) {
        return devices.isEmpty()
                ? Uni.createFrom().voidItem()
                : query(GATHER)
                        .chain(query -> query.setParameter("job", job.number())
                                .setParameter(
                                        "devices",
                                        JsonText.write(new Json.Items(devices.stream()
                                                .<Json>map(Json.Text::new)
                                                .toList())))
                                .executeUpdate())
                        .replaceWithVoid();
    }

    /** The next devices of a job, in the order of ids. */
    Uni<List<IdentityId>> devices(ScheduledJob job, String after, int count) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(NEXT, String.class)
                        .setParameter("job", job.number())
                        .setParameter("after", after)
                        .setParameter("count", count)
                        .getResultList())
                .map(ids -> ids.stream().map(IdentityId::parse).toList());
    }

    /** Writes down what became of devices. */
    Uni<Void> worked(ScheduledJob job, List<IdentityId> devices, Map<IdentityId, HubException> failures) {
        return worked(
                job,
                devices.stream()
                        .map(device -> record(device, Optional.ofNullable(failures.get(device))))
                        .toList());
    }

    /** Writes down what became of devices whose method was called; those that are postponed still wait. */
    Uni<Void> called(ScheduledJob job, List<DeviceOutcome> outcomes) {
        return worked(
                job,
                outcomes.stream().flatMap(outcome -> record(outcome).stream()).toList());
    }

    private static Uni<Void> worked(ScheduledJob job, List<Json.Fields> records) {
        return records.isEmpty()
                ? Uni.createFrom().voidItem()
                : query(WORKED)
                        .chain(query -> query.setParameter("job", job.number())
                                .setParameter("devices", JsonText.write(new Json.Items(List.copyOf(records))))
                                .executeUpdate())
                        .replaceWithVoid();
    }

    private static Optional<Json.Fields> record(DeviceOutcome outcome) {
        var begun = new Json.Text(outcome.begun().toString());
        return switch (outcome) {
            case DeviceOutcome.Answered answered ->
                Optional.of(record(answered.device(), Optional.empty())
                        .with("begun", begun)
                        .with("outcome", Json.Number.of(answered.response().status()))
                        .with(
                                "payload",
                                new Json.Text(JsonText.write(answered.response().payload()))));
            case DeviceOutcome.Failed failed ->
                Optional.of(record(failed.device(), Optional.of(failed.why())).with("begun", begun));
            case DeviceOutcome.Postponed _ -> Optional.empty();
        };
    }

    private static Json.Fields record(IdentityId device, Optional<HubException> failure) {
        var record = Json.Fields.NONE.with("id", new Json.Text(device.toString()));
        return failure.map(why -> record.with("code", new Json.Text(why.error().wireName()))
                        .with("description", new Json.Text(why.getMessage())))
                .orElse(record);
    }

    /** Forgets some of what ended before; false when that was all. */
    Uni<Boolean> forget(Instant endedBefore, int count) {
        return forget(FORGET_DEVICES, endedBefore, count)
                .chain(devices -> devices == count
                        ? Uni.createFrom().item(true)
                        : forget(FORGET, endedBefore, count).map(jobs -> jobs == count));
    }

    private static Uni<Integer> forget(String sql, Instant endedBefore, int count) {
        return query(sql).chain(query -> query.setParameter("before", endedBefore)
                .setParameter("count", count)
                .executeUpdate());
    }

    private static Uni<Mutiny.MutationQuery> query(String sql) {
        return Panache.getSession().map(session -> session.createNativeQuery(sql));
    }
}
