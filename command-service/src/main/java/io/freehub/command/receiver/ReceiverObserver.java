package io.freehub.command.receiver;

import io.freehub.model.ReceiverEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Draws conclusions from what sessions say, in the transaction that stores it. */
public interface ReceiverObserver {

    /**
     * Receivers came, went or settled. Each event may have been seen before.
     *
     * @param connection of the transaction, in which the receivers are as after these events
     * @param events in order, as far as they are of one device
     */
    void changed(Connection connection, List<ReceiverEvent> events) throws SQLException;
}
