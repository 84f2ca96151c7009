package io.freehub.gateway.amqp;

import io.freehub.model.DataAction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where back ends hear of files that devices have uploaded. No device can yet, so nothing ever comes. */
@ApplicationScoped
class FileNotificationNode implements HubNode {

    /** The second is what IoT Hub's documentation calls it. */
    @Override
    public boolean isAt(Address address) {
        return address.is("messages/servicebound/filenotifications")
                || address.is("messages/servicebound/fileuploadnotifications");
    }

    @Override
    public Optional<Outlet> open(OutgoingLink link, Address address, AmqpConnection connection) {
        BackEndRight.require(link, address, DataAction.FILE_UPLOAD_NOTIFICATIONS);
        return Optional.of(new Outlet() {});
    }
}
