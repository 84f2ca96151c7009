package io.freehub.gateway.session;

import io.freehub.model.GatewayInstance;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the ids of sessions: milliseconds, gateway and a counter in hex, so that ids sort by time and never meet. */
final class SessionIds {

    private final GatewayInstance gateway;
    private final InstantSource clock;
    private final AtomicInteger counter = new AtomicInteger();

    SessionIds(GatewayInstance gateway, InstantSource clock) {
        this.gateway = gateway;
        this.clock = clock;
    }

    String next() {
        var hex = HexFormat.of();
        return hex.toHexDigits(clock.millis(), 12)
                + hex.toHexDigits((short) gateway.ordinal())
                + hex.toHexDigits(counter.getAndIncrement());
    }
}
