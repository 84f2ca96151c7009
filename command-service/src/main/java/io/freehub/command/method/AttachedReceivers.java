package io.freehub.command.method;

import io.freehub.command.receiver.ReceiverObserver;
import io.freehub.model.Downlink;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Tells sessions that calls reach them from now on. */
@ApplicationScoped
class AttachedReceivers implements ReceiverObserver {

    private final Outbox outbox;

    AttachedReceivers(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public void changed(Connection connection, List<ReceiverEvent> events) throws SQLException {
        outbox.add(
                connection,
                events.stream()
                        .filter(event ->
                                event instanceof ReceiverEvent.Attached attached && attached.link() == Link.METHODS)
                        .map(event -> OutboxRecord.of(new Downlink.MethodsAttached(event.from())))
                        .toList());
    }
}
