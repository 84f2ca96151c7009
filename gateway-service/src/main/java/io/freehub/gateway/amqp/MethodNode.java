package io.freehub.gateway.amqp;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where devices and modules are called, and answer. */
@ApplicationScoped
class MethodNode implements DeviceNode {

    @Override
    public String path() {
        return "methods/devicebound";
    }

    @Override
    public Optional<Intake> open(IncomingLink link, DeviceSession session) {
        return Optional.of(session.conversation().methods().answers(link));
    }

    @Override
    public Optional<Outlet> open(OutgoingLink link, DeviceSession session) {
        return Optional.of(session.conversation().methods().calls(link));
    }
}
