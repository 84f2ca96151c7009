package io.freehub.registry.identity;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.freehub.model.Authentication;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.identity.DeviceSpec.Pair;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An identity as JSON, asked and answered. Clients differ in what they read strictly: every field is present, times have
 * at most three digits of fraction, and only the scopes are left out when there are none.
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

    private static final String NEVER = "0001-01-01T00:00:00Z";

    /** How a device proves itself, as JSON. */
    public record AuthenticationDocument(
            @Nullable KeysDocument symmetricKey,
            @Nullable ThumbprintsDocument x509Thumbprint,
            @Nullable String type) {

        static AuthenticationDocument of(Authentication authentication) {
            return switch (authentication) {
                case Authentication.Sas(var keys) ->
                    new AuthenticationDocument(
                            new KeysDocument(
                                    keys.primary().base64(), keys.secondary().base64()),
                            new ThumbprintsDocument(null, null),
                            "sas");
                case Authentication.SelfSigned(var primary, var secondary) ->
                    new AuthenticationDocument(
                            new KeysDocument(null, null),
                            new ThumbprintsDocument(primary.orElse(null), secondary.orElse(null)),
                            "selfSigned");
                case Authentication.CertificateAuthority() ->
                    new AuthenticationDocument(
                            new KeysDocument(null, null), new ThumbprintsDocument(null, null), "certificateAuthority");
            };
        }

        Optional<Authentication> asked() {
            var keys = Optional.ofNullable(symmetricKey);
            var thumbprints = Optional.ofNullable(x509Thumbprint);
            return DeviceSpec.authentication(
                    Optional.ofNullable(type),
                    new Pair<>(keys.map(KeysDocument::primaryKey), keys.map(KeysDocument::secondaryKey)),
                    new Pair<>(
                            thumbprints.map(ThumbprintsDocument::primaryThumbprint),
                            thumbprints.map(ThumbprintsDocument::secondaryThumbprint)));
        }

        /** Names the parts, never their values. */
        @Override
        public String toString() {
            return "AuthenticationDocument[type=" + type + "]";
        }
    }

    /** Two keys as JSON. */
    public record KeysDocument(
            @Nullable String primaryKey, @Nullable String secondaryKey) {

        @Override
        public String toString() {
            return "KeysDocument[***]";
        }
    }

    /** Two thumbprints as JSON. */
    public record ThumbprintsDocument(
            @Nullable String primaryThumbprint, @Nullable String secondaryThumbprint) {}

    /** What a device can be. */
    public record CapabilitiesDocument(boolean iotEdge) {}

    static DeviceDocument of(RegisteredDevice registered) {
        var device = registered.device();
        var identity = device.identity();
        var connection = registered.connection();
        return new DeviceDocument(
                identity.id().value(),
                identity.generationId(),
                device.etag().value(),
                connection.connected() ? "Connected" : "Disconnected",
                identity.status().wireName(),
                identity.statusReason().orElse(null),
                time(connection.updatedAt()),
                time(device.statusUpdatedAt()),
                time(connection.lastActivityAt()),
                0,
                AuthenticationDocument.of(identity.authentication()),
                new CapabilitiesDocument(device.edge() instanceof EdgeRole.Edge),
                deviceScope(device.edge()).orElse(null),
                device.edge().parent().map(List::of).orElse(null));
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} saying which field is wrong */
    DeviceSpec asked() {
        return asked(status, statusReason, authentication, capabilities, deviceScope, parentScopes);
    }

    /** Reads the writable fields, which an item of a bulk request has too. */
    public static DeviceSpec asked(
            @Nullable String status,
            @Nullable String statusReason,
            @Nullable AuthenticationDocument authentication,
            @Nullable CapabilitiesDocument capabilities,
            @Nullable String deviceScope,
            @Nullable List<String> parentScopes) {
        return new DeviceSpec(
                DeviceSpec.status(Optional.ofNullable(status)),
                Optional.ofNullable(statusReason),
                Optional.ofNullable(authentication).flatMap(AuthenticationDocument::asked),
                capabilities != null && capabilities.iotEdge(),
                Optional.ofNullable(deviceScope),
                parentScopes == null ? Optional.empty() : DeviceSpec.parentScope(parentScopes));
    }

    private static Optional<String> deviceScope(EdgeRole role) {
        return switch (role) {
            case EdgeRole.Edge(var scope, var _) -> Optional.of(scope);
            case EdgeRole.Leaf(var parent) -> parent;
        };
    }

    private static String time(Optional<Instant> at) {
        return at.map(instant -> instant.truncatedTo(ChronoUnit.MILLIS).toString())
                .orElse(NEVER);
    }
}
