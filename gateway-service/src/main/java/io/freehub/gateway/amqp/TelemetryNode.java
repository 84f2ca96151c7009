package io.freehub.gateway.amqp;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.fault.FaultInjection;
import io.freehub.gateway.telemetry.TelemetryLog;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where devices and modules send their messages. */
@ApplicationScoped
class TelemetryNode implements DeviceNode {

    private final TelemetryLog telemetry;
    private final FaultInjection faults;
    private final int maxInFlight;

    TelemetryNode(TelemetryLog telemetry, FaultInjection faults, GatewayConfig config) {
        this.telemetry = telemetry;
        this.faults = faults;
        this.maxInFlight = config.amqp().maxInFlight();
    }

    @Override
    public String path() {
        return "messages/events";
    }

    @Override
    public Optional<Intake> open(IncomingLink link, DeviceSession session) {
        var intake = new TelemetryIntake(link, session, telemetry, maxInFlight);
        return Optional.of(faults.isEnabled() ? new FaultIntake(intake, link, session, faults) : intake);
    }

    /** Inputs of modules: an Edge hub has messages for them, this hub has none, but the Node.js SDK fails without the link. */
    @Override
    public Optional<Outlet> open(OutgoingLink link, DeviceSession session) {
        return session.identity().isModule() ? Optional.of(new Outlet() {}) : Optional.empty();
    }
}
