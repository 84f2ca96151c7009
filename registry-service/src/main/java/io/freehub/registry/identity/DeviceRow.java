package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;

/** An identity as it is written. */
@Entity
@Table(name = "device")
class DeviceRow extends DeviceColumns {

    static DeviceRow of(Device device) {
        var row = new DeviceRow();
        row.deviceId = device.identity().id().value();
        row.take(device);
        return row;
    }

    /** Becomes what the device is. */
    final void take(Device device) {
        var identity = device.identity();
        generationId = identity.generationId();
        version = identity.version();
        enabled = identity.isEnabled();
        statusReason = identity.statusReason().orElse(null);
        statusUpdatedAt = device.statusUpdatedAt().orElse(null);
        primaryKey = null;
        secondaryKey = null;
        primaryThumbprint = null;
        secondaryThumbprint = null;
        switch (identity.authentication()) {
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
        }
        parentScope = device.edge().parent().orElse(null);
        edge = device.edge() instanceof EdgeRole.Edge;
        edgeScope = device.edge() instanceof EdgeRole.Edge(var scope, var _) ? scope : null;
    }
}
