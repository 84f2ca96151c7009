package io.freehub.gateway.mqtt;

import io.freehub.gateway.command.Attachment;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.Disposition;
import io.freehub.model.Downlink;
import io.freehub.model.ReceiverEvent.Link;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Messages of back ends to a device. Each is locked for the session until it is settled: at QoS 1 by its PUBACK, at QoS 0
 * when it has been written. What the session leaves behind is delivered again to another. Used on the event loop of the
 * connection only.
 */
final class MessageLink {

    private final SessionLine line;
    private final Attachment attachment;
    private final int window;

    /** Lock tokens of what waits for a PUBACK, by its packet id. */
    private final Map<Integer, String> unacknowledged = new HashMap<>();

    /** Lock tokens of what was settled last: a delivery may come again. */
    private final Deque<String> settled = new ArrayDeque<>();

    private int qos;
    private final PacketIds packetIds = new PacketIds();

    MessageLink(SessionLine line) {
        this.line = line;
        this.window = line.hub().config().messageWindow();
        this.attachment = line.attachment(Link.MESSAGES, window);
    }

    /** @param granted QoS of the subscription */
    void subscribe(int granted) {
        qos = granted;
        attachment.attach();
    }

    /** The locks of all that is under way are released with this; a PUBACK that still comes is for nothing. */
    void unsubscribe() {
        unacknowledged.clear();
        attachment.detach();
    }

    void deliver(Downlink.MessageDelivered delivered) {
        var message = delivered.message();
        if (!attachment.isWanted()) {
            line.hub().commands().undeliverable(delivered);
        } else if (isKnown(message.lockToken()) || !line.isRead("the messages to it")) {
            return;
        } else if (unacknowledged.size() >= window) {
            // It was locked for an earlier subscription of the session.
            settle(message.lockToken(), Disposition.ABANDONED);
        } else {
            DeliveryTopic.of(line.address().identity().device(), message)
                    .ifPresentOrElse(topic -> publish(topic, message), () -> {
                        log("message rejected reason=its properties are too long for a topic");
                        settle(message.lockToken(), Disposition.REJECTED);
                    });
        }
    }

    private boolean isKnown(String lockToken) {
        return unacknowledged.containsValue(lockToken) || settled.contains(lockToken);
    }

    private void publish(String topic, DeviceBoundMessage message) {
        var channel = line.channel();
        if (qos == 0) {
            remember(message.lockToken());
            channel.write(
                    Packets.publish(channel.allocator(), topic, 0, message.body()),
                    () -> line.hub().commands().settled(line.address(), message.lockToken(), Disposition.COMPLETED));
        } else {
            int packetId = packetIds.next(unacknowledged.keySet());
            unacknowledged.put(packetId, message.lockToken());
            channel.write(Packets.publish(channel.allocator(), topic, packetId, message.body()));
        }
    }

    /** A PUBACK came; clients may acknowledge late and in any order, and one for nothing harms nobody. */
    void acknowledged(int packetId) {
        var lockToken = unacknowledged.remove(packetId);
        if (lockToken != null) {
            settle(lockToken, Disposition.COMPLETED);
        }
    }

    private void settle(String lockToken, Disposition disposition) {
        remember(lockToken);
        line.hub().commands().settled(line.address(), lockToken, disposition);
    }

    private void remember(String lockToken) {
        settled.add(lockToken);
        if (settled.size() > 2 * window) {
            settled.remove();
        }
    }

    private void log(String text) {
        DeviceLog.info(line.address().identity().toString(), line.address().session(), text);
    }
}
