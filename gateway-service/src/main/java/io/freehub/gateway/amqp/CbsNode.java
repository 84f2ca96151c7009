package io.freehub.gateway.amqp;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where connections bring their tokens; the one node that is open to everybody. */
@ApplicationScoped
class CbsNode implements HubNode {

    @Override
    public boolean isAt(Address address) {
        return address.is("$cbs");
    }

    @Override
    public Optional<Intake> open(IncomingLink link, Address address, AmqpConnection connection) {
        return Optional.of(connection.cbs().requests(link));
    }

    @Override
    public Optional<Outlet> open(OutgoingLink link, Address address, AmqpConnection connection) {
        return Optional.of(connection.cbs().answers(link));
    }
}
