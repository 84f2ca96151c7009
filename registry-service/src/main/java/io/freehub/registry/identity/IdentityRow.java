package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import io.freehub.model.DeviceStatus;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An identity in the database. */
@Entity
@Table(name = "identity")
class IdentityRow {

    enum AuthenticationType {
        SAS,
        SELF_SIGNED,
        CERTIFICATE_AUTHORITY,
        NONE
    }

    /** {@code device} or {@code device/module}. */
    @Id
    String id = "";

    /** The device, when this is a module of it. */
    @Column(name = "module_of")
    @Nullable
    String moduleOf;

    @Column(name = "generation_id")
    String generationId = "";

    long version;

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

    boolean enabled;

    @Column(name = "status_reason")
    @Nullable
    String statusReason;

    @Column(name = "status_updated_at")
    @Nullable
    Instant statusUpdatedAt;

    boolean edge;

    @Column(name = "edge_scope")
    @Nullable
    String edgeScope;

    @Column(name = "parent_scope")
    @Nullable
    String parentScope;

    @Column(name = "managed_by")
    @Nullable
    String managedBy;

    /** Not the registry's to write: it follows from what gateways tell. */
    @Column(name = "kept_qos", insertable = false, updatable = false)
    @Nullable
    Integer keptQos;

    /** Nor is this. */
    @Column(name = "kept_feeds", insertable = false, updatable = false)
    String @Nullable [] keptFeeds;

    static IdentityRow of(Identity identity) {
        var row = new IdentityRow();
        row.id = identity.id().toString();
        row.moduleOf = identity.id().isModule() ? identity.id().device().value() : null;
        row.take(identity);
        return row;
    }

    /** Becomes what the identity is. */
    final void take(Identity identity) {
        generationId = identity.generationId();
        version = identity.version();
        take(identity.authentication());
        switch (identity.kind()) {
            case Identity.Kind.Device device -> {
                enabled = device.status() == DeviceStatus.ENABLED;
                statusReason = device.statusReason().orElse(null);
                statusUpdatedAt = device.statusUpdatedAt().orElse(null);
                parentScope = device.edge().parent().orElse(null);
                edge = device.edge() instanceof EdgeRole.Edge;
                edgeScope = device.edge() instanceof EdgeRole.Edge(var scope, var _) ? scope : null;
            }
            case Identity.Kind.Module module -> {
                enabled = true;
                managedBy = module.managedBy().orElse(null);
            }
        }
    }

    private void take(Authentication proof) {
        primaryKey = null;
        secondaryKey = null;
        primaryThumbprint = null;
        secondaryThumbprint = null;
        switch (proof) {
            case Authentication.Sas(var keys) -> {
                authentication = AuthenticationType.SAS;
                primaryKey = keys.primary().base64();
                secondaryKey = keys.secondary().base64();
            }
            case Authentication.SelfSigned(var primary, var secondary) -> {
                authentication = AuthenticationType.SELF_SIGNED;
                primaryThumbprint = primary.orElse(null);
                secondaryThumbprint = secondary.orElse(null);
            }
            case Authentication.CertificateAuthority() -> authentication = AuthenticationType.CERTIFICATE_AUTHORITY;
            case Authentication.None() -> authentication = AuthenticationType.NONE;
        }
    }

    /** What it hears when it comes back. */
    KeptSubscriptions kept() {
        var feeds = keptFeeds == null ? Stream.<String>empty() : Arrays.stream(keptFeeds);
        return new KeptSubscriptions(
                Optional.ofNullable(keptQos),
                feeds.map(KeptSubscriptions.Feed::valueOf).collect(Collectors.toSet()));
    }

    Identity identity() {
        return new Identity(
                IdentityId.parse(id), generationId, version, authentication(), moduleOf == null ? device() : module());
    }

    private Identity.Kind device() {
        return new Identity.Kind.Device(
                enabled ? DeviceStatus.ENABLED : DeviceStatus.DISABLED,
                Optional.ofNullable(statusReason),
                Optional.ofNullable(statusUpdatedAt),
                edge
                        ? new EdgeRole.Edge(Objects.requireNonNull(edgeScope), Optional.ofNullable(parentScope))
                        : new EdgeRole.Leaf(Optional.ofNullable(parentScope)));
    }

    private Identity.Kind module() {
        return new Identity.Kind.Module(Optional.ofNullable(managedBy));
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
            case NONE -> new Authentication.None();
        };
    }
}
