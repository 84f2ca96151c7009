package io.freehub.twin.job;

import io.freehub.twin.document.JsonText;
import io.freehub.twin.job.ScheduledJob.Progress;
import io.freehub.twin.job.ScheduledJob.Status;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A job in the database. */
@Entity
@Table(name = "scheduled_job")
class JobRow {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    @Nullable
    Long number;

    String id = "";

    @Enumerated(EnumType.STRING)
    JobWork.Type type = JobWork.Type.UPDATE_TWIN;

    String work = "";

    @Column(name = "query_condition")
    String condition = "";

    @Enumerated(EnumType.STRING)
    Status status = Status.QUEUED;

    @Column(name = "created_at")
    Instant createdAt = Instant.EPOCH;

    @Column(name = "start_at")
    Instant startAt = Instant.EPOCH;

    @Column(name = "max_seconds")
    long maxSeconds;

    @Column(name = "started_at")
    @Nullable
    Instant startedAt;

    @Column(name = "ended_at")
    @Nullable
    Instant endedAt;

    @Column(name = "failure_code")
    @Nullable
    String failureCode;

    @Column(name = "failure_reason")
    @Nullable
    String failureReason;

    @Column(name = "gathered_to")
    String gatheredTo = "";

    boolean gathered;

    @Column(name = "worked_to")
    String workedTo = "";

    long devices;
    long succeeded;
    long failed;

    @Column(name = "due_at")
    Instant dueAt = Instant.EPOCH;

    static JobRow of(JobRequest request, Instant now) {
        var row = new JobRow();
        row.id = request.id();
        row.type = request.work().type();
        row.work = JsonText.write(request.work().json());
        row.condition = request.condition();
        row.createdAt = now;
        row.startAt = request.start();
        row.maxSeconds = request.maxTime().toSeconds();
        row.dueAt = now;
        return row;
    }

    ScheduledJob job() {
        return new ScheduledJob(
                number == null ? 0 : number,
                id,
                JobWork.read(type, JsonText.readObject(work)),
                condition,
                status,
                createdAt,
                startAt,
                Duration.ofSeconds(maxSeconds),
                Optional.ofNullable(startedAt),
                Optional.ofNullable(endedAt),
                Optional.ofNullable(failureReason),
                new Progress(gatheredTo, gathered, workedTo, devices, succeeded, failed));
    }

    void end(Status how, Instant now) {
        status = how;
        endedAt = now;
    }
}
