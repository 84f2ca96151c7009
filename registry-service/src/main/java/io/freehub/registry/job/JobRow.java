package io.freehub.registry.job;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A job in the database; statements of {@link JobStore} write it. */
@Entity
@Immutable
@Table(name = "job")
class JobRow {

    @Id
    String id = "";

    @Enumerated(EnumType.STRING)
    Job.Type type = Job.Type.EXPORT;

    @Enumerated(EnumType.STRING)
    Job.Status status = Job.Status.ENQUEUED;

    @Column(name = "created_at")
    Instant createdAt = Instant.EPOCH;

    @Column(name = "started_at")
    @Nullable
    Instant startedAt;

    @Column(name = "ended_at")
    @Nullable
    Instant endedAt;

    @Column(name = "failure_reason")
    @Nullable
    String failureReason;

    @Column(name = "input_container")
    @Nullable
    String inputContainer;

    @Column(name = "output_container")
    @Nullable
    String outputContainer;

    String blob = "";

    @Column(name = "exclude_keys")
    boolean excludeKeys;

    @Column(name = "blob_version")
    @Nullable
    String blobVersion;

    long total;

    long position;

    long lines;

    @Nullable
    String worker;

    Job job() {
        return new Job(
                id,
                type,
                status,
                Optional.ofNullable(startedAt),
                Optional.ofNullable(endedAt),
                Optional.ofNullable(failureReason),
                total,
                position);
    }

    /** What an active job is to do and where it stands. */
    JobRun run() {
        var output = Container.parse(Objects.requireNonNull(outputContainer));
        var task =
                switch (type) {
                    case IMPORT ->
                        new JobTask.Import(Container.parse(Objects.requireNonNull(inputContainer)), blob, output);
                    case EXPORT -> new JobTask.Export(output, blob, excludeKeys);
                };
        return new JobRun(
                id,
                Objects.requireNonNull(worker),
                task,
                new JobStorage.Blob(
                        blob, total, Optional.ofNullable(blobVersion).orElse("")),
                position,
                lines);
    }
}
