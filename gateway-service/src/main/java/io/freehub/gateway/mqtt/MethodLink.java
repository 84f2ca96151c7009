package io.freehub.gateway.mqtt;

import io.freehub.gateway.command.Attachment;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent.Link;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Calls of direct methods, and their answers. A call that was not answered in time is forgotten, as is its caller's
 * patience. Used on the event loop of the connection only.
 */
final class MethodLink {

    /** Who waits for an answer, and how long. */
    private record Waiting(int replyTo, Instant until) {}

    private final SessionLine line;
    private final Attachment attachment;
    private final int window;

    /** Calls that the device has not answered, by their ids. */
    private final Map<String, Waiting> unanswered = new HashMap<>();

    /** Of the present subscription: done when calls are sure to reach it. */
    private @Nullable CompletableFuture<Void> attached;

    MethodLink(SessionLine line) {
        this.line = line;
        this.window = line.hub().config().methodWindow();
        this.attachment = line.attachment(Link.METHODS, window);
    }

    /** Done when command-service knows of the subscription: no call from then on is missed. */
    CompletableFuture<Void> subscribe() {
        if (attached == null) {
            attached = line.confirmation();
            attachment.attach();
        }
        return attached;
    }

    /** Calls reach the session from now on. */
    void attached() {
        if (attached != null) {
            attached.complete(null);
        }
    }

    /** Takes no more calls; those under way can still be answered. */
    void unsubscribe() {
        attachment.detach();
        if (attached != null) {
            // Nothing is promised any more, so a SUBSCRIBE that still waits can have its answer.
            attached.complete(null);
            attached = null;
        }
    }

    /** The session is over. */
    void gone() {
        attachment.detach();
    }

    void call(Downlink.MethodCalled called) {
        var now = line.hub().clock().instant();
        unanswered.values().removeIf(waiting -> waiting.until().isBefore(now));
        if (called.until().isBefore(now) || unanswered.containsKey(called.call())) {
            return;
        }
        if (!attachment.isWanted()) {
            line.hub().commands().undeliverable(called);
        } else if (unanswered.size() >= window) {
            line.hub().commands().undelivered(called, HubError.TOO_MANY_METHOD_CALLS);
        } else if (line.isRead("the calls of its methods")) {
            unanswered.put(called.call(), new Waiting(called.replyTo(), called.until()));
            var channel = line.channel();
            channel.write(Packets.publish(
                    channel.allocator(),
                    MethodTopic.call(called.method(), called.call()),
                    0,
                    called.payload().getBytes(StandardCharsets.UTF_8)));
        }
    }

    /**
     * The device has answered. An answer that comes again, too late or to nothing is acknowledged and no more.
     *
     * @param request what is to be acknowledged; empty at QoS 0
     */
    void answered(MethodTopic topic, ByteBuf payload, Optional<PublishOrder.Request> request) {
        var call = topic.call().orElse("");
        var waiting = Optional.ofNullable(unanswered.remove(call))
                .filter(caller -> !caller.until().isBefore(line.hub().clock().instant()));
        if (waiting.isEmpty()) {
            request.ifPresent(line.owner()::taken);
            return;
        }
        var executor = line.channel().executor();
        line.hub()
                .commands()
                .reply(
                        line.address().identity(),
                        waiting.get().replyTo(),
                        reply(call, topic.status(), payload),
                        failure -> executor.execute(() -> sent(failure, request)));
    }

    private static MethodReply reply(String call, int status, ByteBuf payload) {
        return payload.readableBytes() > MethodReply.MAX_PAYLOAD
                ? new MethodReply.Undelivered(call, HubError.MESSAGE_TOO_LARGE)
                : new MethodReply.Answered(call, status, ByteBufUtil.getBytes(payload));
    }

    private void sent(Optional<Exception> failure, Optional<PublishOrder.Request> request) {
        if (failure.isEmpty()) {
            request.ifPresent(line.owner()::taken);
        } else if (request.isPresent()) {
            line.owner()
                    .end(
                            HubError.SERVICE_UNAVAILABLE,
                            "an answer could not be stored: " + failure.get().getMessage());
        }
    }
}
