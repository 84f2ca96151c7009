package io.freehub.model;

import java.time.Instant;

/**
 * What a session says of what it takes from back ends: a link for cloud-to-device messages and one for direct methods, in
 * the words of AMQP. An event that comes again changes nothing.
 */
public sealed interface ReceiverEvent {

    /** What a session may receive. */
    enum Link {
        /** Cloud-to-device messages. */
        MESSAGES,
        /** Calls of direct methods. */
        METHODS
    }

    SessionAddress from();

    Instant at();

    /**
     * The session receives from now on. Where several sessions of an identity do, the newest one gets what there is. Sent
     * again when the window is another.
     *
     * @param generationId which life of the identity opened the session
     * @param incarnation of the gateway: what a later one of that ordinal has not said is over
     * @param window how many messages may be unsettled, or calls unanswered, at a time
     */
    record Attached(SessionAddress from, String generationId, long incarnation, Link link, int window, Instant at)
            implements ReceiverEvent {}

    /** The session receives no more; what it has not settled is to be delivered again. */
    record Detached(SessionAddress from, Link link, Instant at) implements ReceiverEvent {}

    /** The session has settled a message. Changes nothing when the delivery is over. */
    record Settled(SessionAddress from, String lockToken, Disposition disposition, Instant at)
            implements ReceiverEvent {}
}
