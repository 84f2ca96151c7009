package io.freehub.registry.identity;

import io.freehub.registry.connection.ConnectionState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** How values read in answers. */
final class WireText {

    private static final String NEVER = "0001-01-01T00:00:00Z";

    private WireText() {}

    /** Some clients read at most three digits of fraction. */
    static String time(Optional<Instant> at) {
        return at.map(instant -> instant.truncatedTo(ChronoUnit.MILLIS).toString())
                .orElse(NEVER);
    }

    static String connected(ConnectionState connection) {
        return connection.connected() ? "Connected" : "Disconnected";
    }
}
