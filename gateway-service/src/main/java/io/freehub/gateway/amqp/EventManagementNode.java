package io.freehub.gateway.amqp;

import io.freehub.gateway.events.ConsumerGroups;
import io.freehub.gateway.events.EventEndpoint;
import io.freehub.service.HubSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where back ends ask what there is to read. Links are open to everybody: each request brings its own token. */
@ApplicationScoped
class EventManagementNode implements HubNode {

    private final EventEndpoint endpoint;
    private final ConsumerGroups groups;
    private final HubSettings hub;

    EventManagementNode(EventEndpoint endpoint, ConsumerGroups groups, HubSettings hub) {
        this.endpoint = endpoint;
        this.groups = groups;
        this.hub = hub;
    }

    @Override
    public boolean isAt(Address address) {
        return EventAddress.of(address)
                .filter(EventAddress.Management.class::isInstance)
                .isPresent();
    }

    @Override
    public Optional<Intake> open(IncomingLink link, Address address, AmqpConnection connection) {
        require(address);
        return Optional.of(new EventManagement(link, endpoint, groups, hub.name()));
    }

    @Override
    public Optional<Outlet> open(OutgoingLink link, Address address, AmqpConnection connection) {
        require(address);
        return Optional.of(connection.management().on(link));
    }

    private void require(Address address) {
        if (EventAddress.of(address).orElseThrow() instanceof EventAddress.Management(var entity)) {
            entity.filter(name -> !name.equalsIgnoreCase(hub.name())).ifPresent(name -> {
                throw EventAddress.unknown("event hub", name);
            });
        }
    }
}
