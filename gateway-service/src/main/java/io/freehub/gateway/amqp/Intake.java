package io.freehub.gateway.amqp;

/** Takes the messages of a link on which a client sends. Called on the event loop of the connection. */
interface Intake {

    /** The client has its link: credit may be granted. */
    default void begun() {}

    /** A whole message has come. It is to be settled, now or later. */
    void take(Incoming message);

    /** The link is gone, whoever ended it. Called once. */
    default void ended() {}
}
