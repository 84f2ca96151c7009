package io.freehub.gateway.amqp;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.apache.qpid.proton.message.Message;

/** Bytes of messages to clients. */
final class Encoding {

    /** What most messages have beside their bodies. */
    private static final int ENVELOPE = 2 << 10;

    private Encoding() {}

    /**
     * All of a message.
     *
     * @param body bytes of the body, roughly
     */
    static byte[] of(Message message, int body) {
        for (int size = body + ENVELOPE; ; size *= 2) {
            var buffer = new byte[size];
            try {
                return Arrays.copyOf(buffer, message.encode(buffer, 0, size));
            } catch (BufferOverflowException e) {
                // Many properties: the codec does not say how much they take.
            }
        }
    }

    /** The C# SDK takes no delivery tag but one of a GUID's length. */
    static byte[] tag(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
