package io.freehub.gateway.mqtt;

import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.twin.Dialogue;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a session says of its twin, and hears, in topics. Used on the event loop of the connection only. */
final class TwinLink implements Dialogue.Client {

    private final SessionLine line;
    private final Dialogue dialogue;
    private boolean answersWanted;

    TwinLink(SessionLine line) {
        this.line = line;
        this.dialogue = new Dialogue(
                line.hub().twins(),
                line.address(),
                line.generationId(),
                line.hub().config().maxTwinRequests(),
                line.hub().clock(),
                line.channel().executor(),
                this);
    }

    /**
     * A request of the client.
     *
     * @param request what is to be acknowledged; empty at QoS 0
     */
    void publish(TwinTopic topic, ByteBuf payload, Optional<PublishOrder.Request> request) {
        Optional<Runnable> taken =
                request.map(acknowledged -> () -> line.owner().taken(acknowledged));
        if (topic.requestId().isEmpty()) {
            DeviceLog.info(
                    line.address().identity().toString(),
                    line.address().session(),
                    "twin request ignored reason=it has no id that could be given back");
            taken.ifPresent(Runnable::run);
            return;
        }
        var id = topic.requestId().get();
        switch (topic.operation()) {
            case GET -> dialogue.get(id, taken);
            case REPORT -> dialogue.report(id, topic.version(), payload.nioBuffer(), taken);
        }
    }

    /** The client hears answers from now on. */
    void wantAnswers() {
        answersWanted = true;
    }

    /** The client hears no more answers. */
    void wantNoAnswers() {
        answersWanted = false;
    }

    /** The client hears of desired properties: done when nothing written from then on is missed. */
    CompletableFuture<Void> observe() {
        return dialogue.observe();
    }

    /** The client hears no more of desired properties. */
    void unobserve() {
        dialogue.unobserve();
    }

    void deliver(Downlink downlink) {
        dialogue.deliver(downlink);
    }

    @Override
    public void answered(String requestId, int status, Optional<Long> version, String body) {
        if (answersWanted) {
            write(TwinTopic.answer(status, requestId, version), body);
        }
    }

    @Override
    public void changed(long version, String body) {
        write(TwinTopic.desired(version), body);
    }

    @Override
    public CompletableFuture<Void> confirmation() {
        return line.confirmation();
    }

    @Override
    public void end(HubError error, String reason) {
        line.owner().end(error, reason);
    }

    private void write(String topic, String body) {
        if (line.isRead("what it is told of its twin")) {
            var channel = line.channel();
            channel.write(Packets.publish(channel.allocator(), topic, 0, body.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
