package io.freehub.gateway.mqtt;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.command.CommandLog;
import io.freehub.gateway.fault.FaultInjection;
import io.freehub.gateway.identity.AdmissionRules;
import io.freehub.gateway.identity.DeviceRegistry;
import io.freehub.gateway.identity.Refusals;
import io.freehub.gateway.session.RefusalEvents;
import io.freehub.gateway.session.Sessions;
import io.freehub.gateway.telemetry.TelemetryLog;
import io.freehub.gateway.twin.TwinRequestLog;
import io.freehub.service.HubSettings;
import jakarta.enterprise.context.Dependent;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;

/** What every MQTT connection of this gateway works with. */
@Dependent
final class MqttEnvironment {

    private final GatewayConfig.Mqtt config;
    private final List<String> hosts;
    private final DeviceRegistry registry;
    private final AdmissionRules rules;
    private final Sessions sessions;
    private final TelemetryLog telemetry;
    private final TwinRequestLog twins;
    private final CommandLog commands;
    private final Refusals refusals;
    private final RefusalEvents refusalEvents;
    private final FaultInjection faults;
    private final MqttMetrics metrics;
    private final InstantSource clock = Clock.systemUTC();

    MqttEnvironment(
            GatewayConfig config,
            HubSettings hub,
            DeviceRegistry registry,
            AdmissionRules rules,
            Sessions sessions,
            TelemetryLog telemetry,
            TwinRequestLog twins,
            CommandLog commands,
            Refusals refusals,
            RefusalEvents refusalEvents,
            FaultInjection faults,
            MqttMetrics metrics) {
        this.config = config.mqtt();
        this.hosts = hub.hosts();
        this.registry = registry;
        this.rules = rules;
        this.sessions = sessions;
        this.telemetry = telemetry;
        this.twins = twins;
        this.commands = commands;
        this.refusals = refusals;
        this.refusalEvents = refusalEvents;
        this.faults = faults;
        this.metrics = metrics;
    }

    GatewayConfig.Mqtt config() {
        return config;
    }

    /** Names of the hub that a username or a token may have. */
    List<String> hosts() {
        return hosts;
    }

    DeviceRegistry registry() {
        return registry;
    }

    /** Who may come in. */
    AdmissionRules rules() {
        return rules;
    }

    Sessions sessions() {
        return sessions;
    }

    TelemetryLog telemetry() {
        return telemetry;
    }

    TwinRequestLog twins() {
        return twins;
    }

    CommandLog commands() {
        return commands;
    }

    Refusals refusals() {
        return refusals;
    }

    RefusalEvents refusalEvents() {
        return refusalEvents;
    }

    FaultInjection faults() {
        return faults;
    }

    MqttMetrics metrics() {
        return metrics;
    }

    InstantSource clock() {
        return clock;
    }
}
