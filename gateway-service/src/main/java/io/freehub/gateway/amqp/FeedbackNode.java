package io.freehub.gateway.amqp;

import io.freehub.model.DataAction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where back ends hear what became of messages to devices. */
@ApplicationScoped
class FeedbackNode implements HubNode {

    private final FeedbackPoll poll;

    FeedbackNode(FeedbackPoll poll) {
        this.poll = poll;
    }

    @Override
    public boolean isAt(Address address) {
        return address.is("messages/servicebound/feedback");
    }

    @Override
    public Optional<Outlet> open(OutgoingLink link, Address address, AmqpConnection connection) {
        BackEndRight.require(link, address, DataAction.CLOUD_TO_DEVICE_FEEDBACK);
        return Optional.of(new FeedbackOutlet(link, poll));
    }
}
