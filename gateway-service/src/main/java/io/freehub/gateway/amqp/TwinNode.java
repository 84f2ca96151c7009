package io.freehub.gateway.amqp;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where devices and modules have their twins. */
@ApplicationScoped
class TwinNode implements DeviceNode {

    @Override
    public String path() {
        return "twin";
    }

    @Override
    public Optional<Intake> open(IncomingLink link, DeviceSession session) {
        return Optional.of(session.conversation().twin().requests(link));
    }

    @Override
    public Optional<Outlet> open(OutgoingLink link, DeviceSession session) {
        return Optional.of(session.conversation().twin().answers(link));
    }
}
