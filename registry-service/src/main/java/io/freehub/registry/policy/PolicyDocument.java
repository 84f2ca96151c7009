package io.freehub.registry.policy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A policy as JSON, asked and answered. */
public record PolicyDocument(
        @Nullable String name,
        @Nullable List<@Nullable String> permissions,
        @Nullable String primaryKey,
        @Nullable String secondaryKey,
        @Nullable String etag) {

    static PolicyDocument of(StoredPolicy stored) {
        var policy = stored.policy();
        return new PolicyDocument(
                policy.name(),
                policy.permissions().stream()
                        .sorted()
                        .<@Nullable String>map(Permission::wireName)
                        .toList(),
                policy.keys().primary().base64(),
                policy.keys().secondary().base64(),
                stored.etag().value());
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} saying which field is wrong */
    PolicySpec asked() {
        return new PolicySpec(
                PolicySpec.permissions(Optional.ofNullable(permissions).orElse(List.of()).stream()
                        .filter(Objects::nonNull)
                        .toList()),
                PolicySpec.key("primaryKey", Optional.ofNullable(primaryKey)),
                PolicySpec.key("secondaryKey", Optional.ofNullable(secondaryKey)));
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "PolicyDocument[name=" + name + "]";
    }
}
