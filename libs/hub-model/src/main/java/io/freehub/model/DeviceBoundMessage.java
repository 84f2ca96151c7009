package io.freehub.model;

import java.time.Instant;

/**
 * A cloud-to-device message as it is delivered: locked for whoever receives it, until that one settles it or the lock
 * ends.
 *
 * @param lockToken of this delivery, a UUID; another delivery of the message has another
 * @param sequenceNumber grows with every message of the device
 * @param deliveryCount how many deliveries of the message ended without it being settled
 * @param expiresAt when it is dead-lettered unless it is delivered before
 * @param properties as the sender set them
 * @param body as the sender sent it, {@value #MAX_SIZE} bytes at most with the properties
 */
public record DeviceBoundMessage(
        String lockToken,
        long sequenceNumber,
        int deliveryCount,
        Instant enqueuedAt,
        Instant expiresAt,
        MessageProperties properties,
        byte[] body) {

    /** Greatest size of a message with its properties, in bytes. Source: IoT Hub, "quotas and throttling". */
    public static final int MAX_SIZE = 64 * 1024;
}
