package io.freehub.gateway.amqp;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.command.CommandService;
import io.freehub.model.DataAction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;

/** Where back ends send messages to devices. */
@ApplicationScoped
class DeviceBoundNode implements HubNode {

    private final CommandService commands;
    private final Duration patience;

    DeviceBoundNode(CommandService commands, GatewayConfig config) {
        this.commands = commands;
        this.patience = config.amqp().sendTimeout();
    }

    @Override
    public boolean isAt(Address address) {
        return address.is("messages/devicebound");
    }

    @Override
    public Optional<Intake> open(IncomingLink link, Address address, AmqpConnection connection) {
        BackEndRight.require(link, address, DataAction.CLOUD_TO_DEVICE_SEND);
        return Optional.of(new DeviceBoundIntake(link, commands, patience));
    }
}
