package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceIdentity;
import io.freehub.model.DeviceIdentity.Status;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import jakarta.persistence.Column;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Columns of an identity, in the table that is written and in the view that is read. */
@MappedSuperclass
abstract class DeviceColumns {

    enum AuthenticationType {
        SAS,
        SELF_SIGNED,
        CERTIFICATE_AUTHORITY
    }

    @Id
    @Column(name = "device_id")
    String deviceId = "";

    @Column(name = "generation_id")
    String generationId = "";

    long version;

    boolean enabled;

    @Column(name = "status_reason")
    @Nullable
    String statusReason;

    @Column(name = "status_updated_at")
    @Nullable
    Instant statusUpdatedAt;

    @Enumerated(EnumType.STRING)
    AuthenticationType authentication = AuthenticationType.SAS;

    @Column(name = "primary_key")
    @Nullable
    String primaryKey;

    @Column(name = "secondary_key")
    @Nullable
    String secondaryKey;

    @Column(name = "primary_thumbprint")
    @Nullable
    String primaryThumbprint;

    @Column(name = "secondary_thumbprint")
    @Nullable
    String secondaryThumbprint;

    boolean edge;

    @Column(name = "edge_scope")
    @Nullable
    String edgeScope;

    @Column(name = "parent_scope")
    @Nullable
    String parentScope;

    Device device() {
        return new Device(
                new DeviceIdentity(
                        new DeviceId(deviceId),
                        generationId,
                        version,
                        enabled ? Status.ENABLED : Status.DISABLED,
                        Optional.ofNullable(statusReason),
                        authentication()),
                Optional.ofNullable(statusUpdatedAt),
                edge
                        ? new EdgeRole.Edge(Objects.requireNonNull(edgeScope), Optional.ofNullable(parentScope))
                        : new EdgeRole.Leaf(Optional.ofNullable(parentScope)));
    }

    private Authentication authentication() {
        return switch (authentication) {
            case SAS ->
                new Authentication.Sas(new SymmetricKeys(
                        new SymmetricKey(Objects.requireNonNull(primaryKey)),
                        new SymmetricKey(Objects.requireNonNull(secondaryKey))));
            case SELF_SIGNED ->
                new Authentication.SelfSigned(
                        Optional.ofNullable(primaryThumbprint), Optional.ofNullable(secondaryThumbprint));
            case CERTIFICATE_AUTHORITY -> new Authentication.CertificateAuthority();
        };
    }
}
