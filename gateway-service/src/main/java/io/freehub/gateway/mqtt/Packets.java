package io.freehub.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/** The packets that the gateway sends. */
final class Packets {

    static final int ACCEPTED = 0;
    static final int UNACCEPTABLE_PROTOCOL_LEVEL = 1;

    /** SUBACK code of a filter that is not granted. */
    static final int SUBSCRIPTION_FAILURE = 0x80;

    static final int PUBACK_LENGTH = 4;

    private static final ByteBuf PINGRESP = Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(2).writeByte(0xd0).writeByte(0).asReadOnly());

    private Packets() {}

    static ByteBuf connack(ByteBufAllocator allocator, int returnCode) {
        return allocator.directBuffer(4).writeInt(0x20020000 | returnCode);
    }

    /** The client is let in. */
    static ByteBuf accepted(ByteBufAllocator allocator, boolean sessionPresent) {
        return allocator.directBuffer(4).writeInt(0x20020000 | (sessionPresent ? 0x100 : 0) | ACCEPTED);
    }

    static void puback(ByteBuf out, int packetId) {
        out.writeInt(0x40020000 | packetId);
    }

    static ByteBuf suback(ByteBufAllocator allocator, int packetId, int[] codes) {
        var out = allocator.directBuffer(5 + 2 + codes.length).writeByte(0x90);
        writeLength(out, 2 + codes.length).writeShort(packetId);
        for (int code : codes) {
            out.writeByte(code);
        }
        return out;
    }

    /** A PUBLISH that was not sent before; of QoS 1, or of QoS 0 with a packet id of 0. */
    static ByteBuf publish(ByteBufAllocator allocator, String topic, int packetId, byte[] body) {
        int topicLength = ByteBufUtil.utf8Bytes(topic);
        int rest = 2 + topicLength + (packetId == 0 ? 0 : 2) + body.length;
        var out = allocator.directBuffer(PacketReader.MAX_HEADER + rest).writeByte(packetId == 0 ? 0x30 : 0x32);
        writeLength(out, rest).writeShort(topicLength);
        ByteBufUtil.reserveAndWriteUtf8(out, topic, topicLength);
        if (packetId != 0) {
            out.writeShort(packetId);
        }
        return out.writeBytes(body);
    }

    private static ByteBuf writeLength(ByteBuf out, int length) {
        int rest = length;
        while (rest > 0x7f) {
            out.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        return out.writeByte(rest);
    }

    static ByteBuf unsuback(ByteBufAllocator allocator, int packetId) {
        return allocator.directBuffer(4).writeInt(0xb0020000 | packetId);
    }

    static ByteBuf pingresp() {
        return PINGRESP.duplicate();
    }
}
