package io.freehub.registry.connection;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether a device or module is connected.
 *
 * @param updatedAt when it last connected or disconnected; empty when it never did
 * @param lastActivityAt when it last connected; empty when it never did
 */
public record ConnectionState(boolean connected, Optional<Instant> updatedAt, Optional<Instant> lastActivityAt) {

    /** State of one that never connected. */
    public static final ConnectionState NEVER = new ConnectionState(false, Optional.empty(), Optional.empty());
}
