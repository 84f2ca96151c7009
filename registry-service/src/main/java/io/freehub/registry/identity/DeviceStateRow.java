package io.freehub.registry.identity;

import io.freehub.registry.connection.ConnectionState;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** An identity as it is read, with the state of its connection. */
@Entity
@Immutable
@Table(name = "device_state")
class DeviceStateRow extends DeviceColumns {

    boolean connected;

    @Column(name = "state_updated_at")
    @Nullable
    Instant stateUpdatedAt;

    @Column(name = "last_activity_at")
    @Nullable
    Instant lastActivityAt;

    RegisteredDevice registered() {
        return new RegisteredDevice(
                device(),
                new ConnectionState(
                        connected, Optional.ofNullable(stateUpdatedAt), Optional.ofNullable(lastActivityAt)));
    }
}
