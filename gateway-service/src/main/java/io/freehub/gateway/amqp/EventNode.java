package io.freehub.gateway.amqp;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.events.ConsumerGroups;
import io.freehub.gateway.events.EventEndpoint;
import io.freehub.gateway.events.EventReceivers;
import io.freehub.service.HubSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Symbol;

/**
 * Where back ends read events. Those that come the way of IoT Hub learn where it is that Event Hubs has them, which is here.
 *
 * <p>Source: IoT Hub, "read device-to-cloud messages from the built-in endpoint"; the Azure CLI and published samples, which
 * expect to be sent elsewhere.
 */
@ApplicationScoped
class EventNode implements HubNode {

    private final ConsumerGroups groups;
    private final EventReceivers receivers;
    private final EventEndpoint endpoint;
    private final HubSettings hub;
    private final int port;

    EventNode(
            ConsumerGroups groups,
            EventReceivers receivers,
            EventEndpoint endpoint,
            HubSettings hub,
            GatewayConfig config) {
        this.groups = groups;
        this.receivers = receivers;
        this.endpoint = endpoint;
        this.hub = hub;
        this.port = config.amqp().port();
    }

    @Override
    public boolean isAt(Address address) {
        return EventAddress.of(address)
                .filter(found -> !(found instanceof EventAddress.Management))
                .isPresent();
    }

    @Override
    public Optional<Outlet> open(OutgoingLink link, Address address, AmqpConnection connection) {
        return switch (EventAddress.of(address).orElseThrow()) {
            case EventAddress.Partition partition -> Optional.of(reader(link, partition));
            case EventAddress.OfHub ofHub
            when ofHub.isManagement() || connection.tokens().isBySasl() -> Optional.of(redirect(link, ofHub));
            case EventAddress.OfHub ofHub -> ofHub.partition(hub.name()).map(partition -> reader(link, partition));
            case EventAddress.Management _ -> Optional.empty();
        };
    }

    private Outlet reader(OutgoingLink link, EventAddress.Partition address) {
        if (!address.entity().equalsIgnoreCase(hub.name())) {
            throw EventAddress.unknown("event hub", address.entity());
        }
        var request = EventRequest.of(link);
        BackEndRight.require(link, address.resources());
        var outlet = new EventOutlet(link, address, request, groups, receivers, endpoint);
        outlet.prepare();
        return outlet;
    }

    private Outlet redirect(OutgoingLink link, EventAddress.OfHub address) {
        BackEndRight.require(link, address.resources(hub.name()));
        var host = hub.host();
        var elsewhere = AmqpErrors.condition("amqp:link:redirect", "events are read the way of Event Hubs");
        elsewhere.setInfo(Map.of(
                Symbol.valueOf("hostname"),
                host,
                Symbol.valueOf("network-host"),
                host,
                Symbol.valueOf("port"),
                port,
                Symbol.valueOf("address"),
                "amqps://" + host + ":" + port + "/" + hub.name() + "/" + String.join("/", address.suffix())));
        return new Outlet() {
            @Override
            public void begun() {
                link.detach(elsewhere);
            }
        };
    }
}
