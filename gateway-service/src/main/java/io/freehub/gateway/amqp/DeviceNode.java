package io.freehub.gateway.amqp;

import java.util.Optional;

/**
 * Something that a device or module has links with, below its own address. Each one is a bean; a connection finds them
 * all, and gives them the links of sessions that are admitted.
 */
interface DeviceNode {

    /** What follows the identity in the address, in lower case. */
    String path();

    /**
     * The client wants to send.
     *
     * @return empty when nobody sends here
     * @throws io.freehub.model.HubException to refuse the link
     */
    default Optional<Intake> open(IncomingLink link, DeviceSession session) {
        return Optional.empty();
    }

    /**
     * The client wants to receive.
     *
     * @return empty when nobody receives here
     * @throws io.freehub.model.HubException to refuse the link
     */
    default Optional<Outlet> open(OutgoingLink link, DeviceSession session) {
        return Optional.empty();
    }
}
