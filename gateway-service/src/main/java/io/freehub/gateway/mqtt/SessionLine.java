package io.freehub.gateway.mqtt;

import io.freehub.gateway.command.Attachment;
import io.freehub.model.HubError;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The open session as the parts of its {@link Conversation} see it.
 *
 * @param generationId which life of the identity opened it
 */
record SessionLine(MqttChannel channel, MqttEnvironment hub, SessionAddress address, String generationId, Owner owner) {

    /** Bytes that a client may leave unread, beyond what makes us read no more from it. */
    private static final long MAX_UNREAD = 1 << 20;

    /** The SDKs wait a minute at most for a SUBACK. */
    private static final Duration CONFIRMATION_PATIENCE = Duration.ofSeconds(60);

    /** The session itself. */
    interface Owner {

        /** The request has been taken: its PUBACK can go out when it is its turn. */
        void taken(PublishOrder.Request request);

        void end(HubError error, String reason);
    }

    /**
     * Whether the client reads what it is told; ends the session otherwise.
     *
     * @param what it is told, for the log
     */
    boolean isRead(String what) {
        boolean read = channel.unread() <= MAX_UNREAD;
        if (!read) {
            owner.end(HubError.CLOSED_REMOTELY, "the client does not read " + what);
        }
        return read;
    }

    /** To be completed when another service has confirmed a subscription; the session ends when that takes too long. */
    CompletableFuture<Void> confirmation() {
        var confirmation = new CompletableFuture<Void>();
        var timer = channel.schedule(
                () -> owner.end(HubError.SERVICE_UNAVAILABLE, "a subscription was not confirmed in time"),
                CONFIRMATION_PATIENCE.toNanos());
        confirmation.thenRun(() -> timer.cancel(false));
        return confirmation;
    }

    /** What tells the log whether the session receives on a link. */
    Attachment attachment(Link link, int window) {
        return new Attachment(
                hub.commands(),
                address,
                generationId,
                hub.sessions().gateway().incarnation(),
                link,
                window,
                channel.executor(),
                reason -> owner.end(
                        HubError.SERVICE_UNAVAILABLE, "a subscription could not be stored: " + reason.getMessage()));
    }
}
