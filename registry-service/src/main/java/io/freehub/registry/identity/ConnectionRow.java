package io.freehub.registry.identity;

import io.freehub.registry.connection.ConnectionState;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** Whether an identity that ever connected is connected now. */
@Entity
@Immutable
@Table(name = "connection_state")
class ConnectionRow {

    @Id
    String identity = "";

    boolean connected;

    @Column(name = "state_updated_at")
    @Nullable
    Instant stateUpdatedAt;

    @Column(name = "last_activity_at")
    @Nullable
    Instant lastActivityAt;

    ConnectionState state() {
        return new ConnectionState(connected, Optional.ofNullable(stateUpdatedAt), Optional.ofNullable(lastActivityAt));
    }
}
