package io.freehub.gateway.amqp;

import java.util.Optional;

/**
 * Something of the hub itself that clients have links with. Each one is a bean; a connection finds them all. Who may have
 * a link is the node's to say: the connection knows which tokens were brought.
 */
interface HubNode {

    /** Whether the address is one of the node's. */
    boolean isAt(Address address);

    /**
     * The client wants to send.
     *
     * @return empty when nobody sends here
     * @throws io.freehub.model.HubException to refuse the link
     */
    default Optional<Intake> open(IncomingLink link, Address address, AmqpConnection connection) {
        return Optional.empty();
    }

    /**
     * The client wants to receive.
     *
     * @return empty when nobody receives here
     * @throws io.freehub.model.HubException to refuse the link
     */
    default Optional<Outlet> open(OutgoingLink link, Address address, AmqpConnection connection) {
        return Optional.empty();
    }
}
