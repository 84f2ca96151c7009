package io.freehub.gateway.mqtt;

import io.freehub.gateway.command.OpenCalls;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.ReceiverEvent.Link;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Calls of direct methods, and their answers, in topics. Used on the event loop of the connection only. */
final class MethodLink {

    private final SessionLine line;
    private final OpenCalls calls;

    /** Of the present subscription: done when calls are sure to reach it. */
    private @Nullable CompletableFuture<Void> attached;

    MethodLink(SessionLine line) {
        this.line = line;
        int window = line.hub().config().methodWindow();
        this.calls = new OpenCalls(
                line.hub().commands(),
                line.address(),
                line.attachment(Link.METHODS, window),
                window,
                line.hub().clock(),
                line.channel().executor());
    }

    /** Done when command-service knows of the subscription: no call from then on is missed. */
    CompletableFuture<Void> subscribe() {
        if (attached == null) {
            attached = line.confirmation();
            calls.attach();
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
        calls.detach();
        if (attached != null) {
            // Nothing is promised any more, so a SUBSCRIBE that still waits can have its answer.
            attached.complete(null);
            attached = null;
        }
    }

    /** The session is over. */
    void gone() {
        calls.detach();
    }

    void call(Downlink.MethodCalled called) {
        if (calls.open(called) && line.isRead("the calls of its methods")) {
            var channel = line.channel();
            channel.write(Packets.publish(
                    channel.allocator(),
                    MethodTopic.call(called.method(), called.call()),
                    0,
                    called.payload().getBytes(StandardCharsets.UTF_8)));
        }
    }

    /**
     * The device has answered. An answer to nothing is acknowledged and no more.
     *
     * @param request what is to be acknowledged; empty at QoS 0
     */
    void answered(MethodTopic topic, ByteBuf payload, Optional<PublishOrder.Request> request) {
        calls.answer(
                topic.call().orElse(""),
                topic.status(),
                ByteBufUtil.getBytes(payload),
                failure -> sent(failure, request));
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
