package io.freehub.gateway.fault;

import io.freehub.gateway.GatewayConfig;
import io.freehub.model.MessageProperties;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Whether devices may ask for faults at all: a hub on one machine lets them, in production messages are only messages. */
@ApplicationScoped
public class FaultInjection {

    private final boolean enabled;

    FaultInjection(GatewayConfig config) {
        this.enabled = config.faultInjection();
    }

    /** Whether it is worth looking at messages. */
    public boolean isEnabled() {
        return enabled;
    }

    /** The fault that a message asks for. */
    public Optional<Fault> askedBy(MessageProperties properties) {
        return enabled ? Fault.in(properties) : Optional.empty();
    }
}
