package io.freehub.gateway.amqp;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.command.CommandLog;
import io.freehub.gateway.identity.AdmissionRules;
import io.freehub.gateway.identity.Bearers;
import io.freehub.gateway.identity.DeviceRegistry;
import io.freehub.gateway.identity.Refusals;
import io.freehub.gateway.session.RefusalEvents;
import io.freehub.gateway.session.Sessions;
import io.freehub.gateway.telemetry.TelemetryLog;
import io.freehub.gateway.twin.TwinRequestLog;
import io.freehub.service.HubSettings;
import io.freehub.service.policy.AccessPolicies;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What every AMQP connection of this gateway works with. */
@Singleton
final class AmqpEnvironment {

    private final GatewayConfig.Amqp config;
    private final HubSettings hub;
    private final DeviceRegistry registry;
    private final AdmissionRules rules;
    private final AccessPolicies policies;
    private final Bearers bearers;
    private final Sessions sessions;
    private final TelemetryLog telemetry;
    private final TwinRequestLog twins;
    private final CommandLog commands;
    private final Refusals refusals;
    private final RefusalEvents refusalEvents;
    private final AmqpMetrics metrics;
    private final List<DeviceNode> deviceNodes;
    private final List<HubNode> hubNodes;
    private final InstantSource clock = Clock.systemUTC();

    AmqpEnvironment(
            GatewayConfig config,
            HubSettings hub,
            DeviceRegistry registry,
            AdmissionRules rules,
            AccessPolicies policies,
            Bearers bearers,
            Sessions sessions,
            TelemetryLog telemetry,
            TwinRequestLog twins,
            CommandLog commands,
            Refusals refusals,
            RefusalEvents refusalEvents,
            AmqpMetrics metrics,
            @Any Instance<DeviceNode> deviceNodes,
            @Any Instance<HubNode> hubNodes) {
        this.config = config.amqp();
        this.hub = hub;
        this.registry = registry;
        this.rules = rules;
        this.policies = policies;
        this.bearers = bearers;
        this.sessions = sessions;
        this.telemetry = telemetry;
        this.twins = twins;
        this.commands = commands;
        this.refusals = refusals;
        this.refusalEvents = refusalEvents;
        this.metrics = metrics;
        this.deviceNodes = deviceNodes.stream().toList();
        this.hubNodes = hubNodes.stream().toList();
    }

    GatewayConfig.Amqp config() {
        return config;
    }

    /** Names of the hub that a token may have. */
    List<String> hosts() {
        return hub.hosts();
    }

    DeviceRegistry registry() {
        return registry;
    }

    /** Who may come in. */
    AdmissionRules rules() {
        return rules;
    }

    AccessPolicies policies() {
        return policies;
    }

    /** Who comes with a token of the identity provider. */
    Bearers bearers() {
        return bearers;
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

    AmqpMetrics metrics() {
        return metrics;
    }

    InstantSource clock() {
        return clock;
    }

    /** What has links at the path below a device or module. */
    Optional<DeviceNode> deviceNode(String path) {
        return deviceNodes.stream().filter(node -> node.path().equals(path)).findFirst();
    }

    /** What has links at an address of the hub itself. */
    Optional<HubNode> hubNode(Address address) {
        return hubNodes.stream().filter(node -> node.isAt(address)).findFirst();
    }
}
