package io.freehub.gateway.amqp;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where devices receive messages of back ends. */
@ApplicationScoped
class MessageNode implements DeviceNode {

    @Override
    public String path() {
        return "messages/devicebound";
    }

    /** Modules have no queue, but the Java SDK opens no client of one without the link. */
    @Override
    public Optional<Outlet> open(OutgoingLink link, DeviceSession session) {
        return Optional.of(
                session.identity().isModule()
                        ? new Outlet() {}
                        : session.conversation().messages().receive(link));
    }
}
