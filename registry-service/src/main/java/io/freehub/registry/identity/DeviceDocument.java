package io.freehub.registry.identity;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.connection.ConnectionState;
import io.freehub.registry.identity.Identity.Kind;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A device as JSON, asked and answered. Clients differ in what they read strictly: every field is present, and only the
 * scopes are left out when there are none.
 */
public record DeviceDocument(
        @Nullable String deviceId,
        @Nullable String generationId,
        @Nullable String etag,
        @Nullable String connectionState,
        @Nullable String status,
        @Nullable String statusReason,
        @Nullable String connectionStateUpdatedTime,
        @Nullable String statusUpdatedTime,
        @Nullable String lastActivityTime,
        int cloudToDeviceMessageCount,
        @Nullable AuthenticationDocument authentication,
        @Nullable CapabilitiesDocument capabilities,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String deviceScope,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<String> parentScopes) {

    /** What a device can be. */
    public record CapabilitiesDocument(boolean iotEdge) {}

    static DeviceDocument of(Identity identity, Kind.Device device, ConnectionState connection) {
        return new DeviceDocument(
                identity.id().device().value(),
                identity.generationId(),
                identity.etag().value(),
                WireText.connected(connection),
                device.status().wireName(),
                device.statusReason().orElse(null),
                WireText.time(connection.updatedAt()),
                WireText.time(device.statusUpdatedAt()),
                WireText.time(connection.lastActivityAt()),
                0,
                AuthenticationDocument.of(identity.authentication()),
                new CapabilitiesDocument(device.edge() instanceof EdgeRole.Edge),
                deviceScope(device.edge()).orElse(null),
                device.edge().parent().map(List::of).orElse(null));
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} saying which field is wrong */
    IdentitySpec.Device asked() {
        return asked(status, statusReason, authentication, capabilities, deviceScope, parentScopes);
    }

    /** Reads the writable fields, which an item of a bulk request has too. */
    public static IdentitySpec.Device asked(
            @Nullable String status,
            @Nullable String statusReason,
            @Nullable AuthenticationDocument authentication,
            @Nullable CapabilitiesDocument capabilities,
            @Nullable String deviceScope,
            @Nullable List<String> parentScopes) {
        return new IdentitySpec.Device(
                IdentitySpec.status(Optional.ofNullable(status)),
                Optional.ofNullable(statusReason),
                Optional.ofNullable(authentication).flatMap(AuthenticationDocument::askedOfDevice),
                capabilities != null && capabilities.iotEdge(),
                Optional.ofNullable(deviceScope),
                parentScopes == null ? Optional.empty() : IdentitySpec.parentScope(parentScopes));
    }

    /** What a device says of its place: an edge device its own scope, a leaf that of its parent. */
    public static Optional<String> deviceScope(EdgeRole role) {
        return switch (role) {
            case EdgeRole.Edge(var scope, var _) -> Optional.of(scope);
            case EdgeRole.Leaf(var parent) -> parent;
        };
    }
}
