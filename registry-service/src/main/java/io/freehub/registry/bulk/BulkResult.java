package io.freehub.registry.bulk;

import io.freehub.model.HubError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of the items of a bulk request. Lists are empty, never null: the .NET SDK walks through them. */
public record BulkResult(boolean isSuccessful, List<Failure> errors, List<Warning> warnings) {

    /** An item that changed nothing. */
    public record Failure(
            @Nullable String deviceId,
            @Nullable String moduleId,
            String errorCode,
            String errorStatus,
            @Nullable String operation) {

        static Failure of(BulkItem item, HubError error, String detail) {
            return new Failure(item.id(), item.moduleId(), error.wireName(), detail, null);
        }
    }

    /** An item that was done only in part. */
    public record Warning(@Nullable String deviceId, String warningCode, String warningStatus) {}
}
