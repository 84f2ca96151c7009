package io.freehub.gateway.mqtt;

import io.freehub.gateway.command.LockedMessages;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.Disposition;
import io.freehub.model.Downlink;
import io.freehub.model.ReceiverEvent.Link;
import java.util.HashMap;
import java.util.Map;

/**
 * Messages of back ends to a device. Each is settled at QoS 1 by its PUBACK, at QoS 0 when it has been written. Used on the
 * event loop of the connection only.
 */
final class MessageLink {

    private final SessionLine line;
    private final LockedMessages locked;

    /** Lock tokens of what waits for a PUBACK, by its packet id. */
    private final Map<Integer, String> unacknowledged = new HashMap<>();

    private int qos;
    private final PacketIds packetIds = new PacketIds();

    MessageLink(SessionLine line) {
        this.line = line;
        int window = line.hub().config().messageWindow();
        this.locked = new LockedMessages(
                line.hub().commands(), line.address(), line.attachment(Link.MESSAGES, window), window);
    }

    /** @param granted QoS of the subscription */
    void subscribe(int granted) {
        qos = granted;
        locked.attach();
    }

    /** A PUBACK that still comes is for nothing. */
    void unsubscribe() {
        unacknowledged.clear();
        locked.detach();
    }

    void deliver(Downlink.MessageDelivered delivered) {
        var message = delivered.message();
        if (locked.take(delivered) && line.isRead("the messages to it")) {
            DeliveryTopic.of(line.address().identity().device(), message)
                    .ifPresentOrElse(topic -> publish(topic, message), () -> {
                        log("message rejected reason=its properties are too long for a topic");
                        locked.settle(message.lockToken(), Disposition.REJECTED);
                    });
        }
    }

    private void publish(String topic, DeviceBoundMessage message) {
        var channel = line.channel();
        if (qos == 0) {
            locked.release(message.lockToken());
            channel.write(
                    Packets.publish(channel.allocator(), topic, 0, message.body()),
                    () -> locked.tell(message.lockToken(), Disposition.COMPLETED));
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
            locked.settle(lockToken, Disposition.COMPLETED);
        }
    }

    private void log(String text) {
        DeviceLog.info(line.address().identity().toString(), line.address().session(), text);
    }
}
