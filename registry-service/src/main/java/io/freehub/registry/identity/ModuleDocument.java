package io.freehub.registry.identity;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.connection.ConnectionState;
import io.freehub.registry.identity.Identity.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A module as JSON, asked and answered; every field is present, as in {@link DeviceDocument}. */
public record ModuleDocument(
        @Nullable String moduleId,
        @Nullable String managedBy,
        @Nullable String deviceId,
        @Nullable String generationId,
        @Nullable String etag,
        @Nullable String connectionState,
        @Nullable String connectionStateUpdatedTime,
        @Nullable String lastActivityTime,
        int cloudToDeviceMessageCount,
        @Nullable AuthenticationDocument authentication) {

    static ModuleDocument of(Identity identity, Kind.Module module, ConnectionState connection) {
        return new ModuleDocument(
                identity.id().module().orElseThrow().value(),
                module.managedBy().orElse(null),
                identity.id().device().value(),
                identity.generationId(),
                identity.etag().value(),
                WireText.connected(connection),
                WireText.time(connection.updatedAt()),
                WireText.time(connection.lastActivityAt()),
                0,
                AuthenticationDocument.of(identity.authentication()));
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} saying which field is wrong */
    IdentitySpec.Module asked() {
        return asked(authentication, managedBy);
    }

    /** Reads the writable fields, which an item of a bulk request has too. */
    public static IdentitySpec.Module asked(
            @Nullable AuthenticationDocument authentication, @Nullable String managedBy) {
        return new IdentitySpec.Module(
                Optional.ofNullable(authentication).flatMap(AuthenticationDocument::askedOfModule),
                Optional.ofNullable(managedBy));
    }
}
