package io.freehub.registry.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job as JSON, asked and answered. Containers are never answered, for their URIs hold signatures; what is not known yet
 * is left out, since some clients trip over null.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobDocument(
        @Nullable String jobId,
        @Nullable String type,
        @Nullable String status,
        @Nullable Integer progress,
        @Nullable String startTimeUtc,
        @Nullable String endTimeUtc,
        @Nullable String failureReason,
        @Nullable String inputBlobContainerUri,
        @Nullable String inputBlobName,
        @Nullable String outputBlobContainerUri,
        @Nullable String outputBlobName,
        @Nullable Boolean excludeKeysInExport,
        @Nullable String storageAuthenticationType,
        @Nullable JsonNode identity) {

    private static final String USUAL_BLOB = "devices.txt";

    static JobDocument of(Job job) {
        return new JobDocument(
                job.id(),
                job.type().wireName(),
                job.status().wireName(),
                job.progress(),
                job.startedAt()
                        .map(at -> at.truncatedTo(ChronoUnit.MILLIS).toString())
                        .orElse(null),
                job.endedAt()
                        .map(at -> at.truncatedTo(ChronoUnit.MILLIS).toString())
                        .orElse(null),
                job.failureReason().orElse(null),
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /**
     * What is asked for.
     *
     * @throws HubException what is wrong with it
     */
    JobTask asked() {
        if (!"keybased"
                .equalsIgnoreCase(Optional.ofNullable(storageAuthenticationType).orElse("keyBased"))) {
            throw new HubException(
                    HubError.MANAGED_IDENTITY_NOT_ENABLED,
                    "this hub has no managed identity: storageAuthenticationType is keyBased, by a shared access signature");
        }
        return switch (type == null ? "" : type.toLowerCase(Locale.ROOT)) {
            case "import" ->
                new JobTask.Import(
                        container("inputBlobContainerUri", inputBlobContainerUri),
                        blob(inputBlobName),
                        container("outputBlobContainerUri", outputBlobContainerUri));
            case "export" ->
                new JobTask.Export(
                        container("outputBlobContainerUri", outputBlobContainerUri),
                        blob(outputBlobName),
                        Boolean.TRUE.equals(excludeKeysInExport));
            default -> throw new HubException(HubError.ARGUMENT_INVALID, "type is neither import nor export");
        };
    }

    private static Container container(String field, @Nullable String uri) {
        if (uri == null || uri.isBlank()) {
            throw new HubException(HubError.ARGUMENT_INVALID, field + " is missing");
        }
        return Container.parse(uri.strip());
    }

    private static String blob(@Nullable String name) {
        return name == null || name.isEmpty() ? USUAL_BLOB : name;
    }

    /** Without the containers. */
    @Override
    public String toString() {
        return "JobDocument[jobId=" + jobId + ", type=" + type + "]";
    }
}
