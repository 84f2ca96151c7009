package io.freehub.gateway.amqp;

import java.time.Duration;
import org.apache.qpid.proton.engine.Delivery;

/** Brings the messages of a link on which a client receives. Called on the event loop of the connection. */
interface Outlet {

    /** Whether it opens its link itself, once it knows that the client may have it. */
    default boolean isLate() {
        return false;
    }

    /** The client has its link: messages may be sent. */
    default void begun() {}

    /** The client takes more or less than before. */
    default void credited() {}

    /**
     * How long a client that wants its credit to be used at once or given back waits for what may be on its way: not at all
     * where nothing needs to be fetched.
     */
    default Duration grace() {
        return Duration.ZERO;
    }

    /** The client says what became of a message, which is not settled yet. */
    default void disposed(Delivery delivery) {
        delivery.settle();
    }

    /** The link is gone, whoever ended it. Called once. */
    default void ended() {}
}
