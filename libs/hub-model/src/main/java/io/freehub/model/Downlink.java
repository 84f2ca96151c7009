package io.freehub.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What goes to a session, by way of the gateway that has it. When the session is gone, it goes nowhere.
 */
public sealed interface Downlink {

    SessionAddress to();

    /**
     * The answer to a {@link TwinRequest.Get} or {@link TwinRequest.Report}.
     *
     * @param requestId the client's own
     * @param status as of HTTP
     * @param version of the reported properties, after they were written
     * @param body JSON text, or nothing
     */
    record TwinAnswered(SessionAddress to, String requestId, int status, Optional<Long> version, String body)
            implements Downlink {}

    /**
     * The answer to a {@link TwinRequest.Observe}: from now on each write of desired properties is told. With another
     * status than 200 none is.
     *
     * @param number that of the request
     */
    record ObserveAnswered(SessionAddress to, long number, int status) implements Downlink {}

    /**
     * Desired properties were written.
     *
     * @param version of the desired properties afterwards
     * @param body JSON text of what was written, with {@code $version}
     */
    record DesiredChanged(SessionAddress to, long version, String body) implements Downlink {}

    /** A message for a session that is {@link ReceiverEvent.Attached} for messages. It may come again. */
    record MessageDelivered(SessionAddress to, DeviceBoundMessage message) implements Downlink {}

    /** The session is known to receive calls: from now on they reach it. */
    record MethodsAttached(SessionAddress to) implements Downlink {}

    /**
     * A direct method is called, of a session that is {@link ReceiverEvent.Attached} for methods. It is answered with a
     * {@link MethodReply}, unless nobody waits for that any more.
     *
     * @param call id of the call, unique in the hub: a UUID of version 4 without its hyphens
     * @param replyTo ordinal of the command-service that waits: the partition of the answer
     * @param method its name
     * @param payload JSON text, or nothing
     * @param until when nobody waits any more
     */
    record MethodCalled(SessionAddress to, String call, int replyTo, String method, String payload, Instant until)
            implements Downlink {}
}
