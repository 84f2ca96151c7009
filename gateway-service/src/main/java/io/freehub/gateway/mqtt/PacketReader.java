package io.freehub.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads the packets that an MQTT 3.1.1 client sends, straight from the buffer and without an object per PUBLISH. Strict
 * where the specification is: what it forbids is a {@link MalformedPacketException}.
 */
final class PacketReader {

    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int SUBSCRIBE = 8;
    private static final int UNSUBSCRIBE = 10;
    private static final int PINGREQ = 12;
    private static final int DISCONNECT = 14;

    private static final int MAX_LENGTH_BYTES = 4;

    /** Greatest length of what stands before that which the remaining length counts. */
    static final int MAX_HEADER = 1 + MAX_LENGTH_BYTES;

    private static final byte[] PROTOCOL_NAME = "MQTT".getBytes(StandardCharsets.US_ASCII);
    private static final int LEVEL_3_1_1 = 4;

    private int maxLength;

    /** @param maxLength greatest remaining length of a packet, until it is changed */
    PacketReader(int maxLength) {
        this.maxLength = maxLength;
    }

    int maxLength() {
        return maxLength;
    }

    void maxLength(int length) {
        this.maxLength = length;
    }

    /**
     * Reads one packet and gives it to the handler.
     *
     * @return false, and nothing read, when the buffer does not hold a whole packet yet
     * @throws MalformedPacketException also when the packet is longer than allowed; nobody waits for the rest of it
     */
    boolean read(ByteBuf in, PacketHandler handler) {
        int start = in.readerIndex();
        int available = in.readableBytes();
        if (available < 2) {
            return false;
        }
        int length = 0;
        int header = 1;
        byte digit;
        do {
            if (header > MAX_LENGTH_BYTES) {
                throw new MalformedPacketException("a remaining length of more than four bytes");
            }
            if (header == available) {
                return false;
            }
            digit = in.getByte(start + header);
            length |= (digit & 0x7f) << 7 * (header - 1);
            header++;
        } while (digit < 0);
        if (length > maxLength) {
            throw new MalformedPacketException(
                    "a packet of " + length + " bytes, at most " + maxLength + " are allowed");
        }
        if (available < header + length) {
            return false;
        }
        int first = in.getUnsignedByte(start);
        int end = start + header + length;
        in.readerIndex(start + header);
        int writer = in.writerIndex();
        in.writerIndex(end);
        try {
            dispatch(first >>> 4, first & 0x0f, in, handler);
        } catch (IndexOutOfBoundsException e) {
            throw new MalformedPacketException("a packet that ends before its fields do");
        } finally {
            in.writerIndex(writer);
        }
        in.readerIndex(end);
        return true;
    }

    private static void dispatch(int type, int flags, ByteBuf packet, PacketHandler handler) {
        switch (type) {
            case PUBLISH -> publish(flags, packet, handler);
            case PUBACK -> {
                requireFlags(0, flags, "PUBACK");
                int packetId = packetId(packet);
                requireEnd(packet, "PUBACK");
                handler.publishAcknowledged(packetId);
            }
            case PINGREQ -> {
                requireFlags(0, flags, "PINGREQ");
                requireEnd(packet, "PINGREQ");
                handler.ping();
            }
            case CONNECT -> {
                requireFlags(0, flags, "CONNECT");
                connect(packet, handler);
            }
            case SUBSCRIBE -> {
                requireFlags(2, flags, "SUBSCRIBE");
                subscribe(packet, handler);
            }
            case UNSUBSCRIBE -> {
                requireFlags(2, flags, "UNSUBSCRIBE");
                unsubscribe(packet, handler);
            }
            case DISCONNECT -> {
                requireFlags(0, flags, "DISCONNECT");
                requireEnd(packet, "DISCONNECT");
                handler.disconnect();
            }
            default -> throw new MalformedPacketException("a packet of type " + type + ", which no device sends here");
        }
    }

    private static void publish(int flags, ByteBuf packet, PacketHandler handler) {
        int qos = flags >>> 1 & 3;
        if (qos > 1) {
            throw new MalformedPacketException("a PUBLISH of QoS " + qos + ", at most 1 is supported");
        }
        boolean duplicate = (flags & 8) != 0;
        if (duplicate && qos == 0) {
            throw new MalformedPacketException("a PUBLISH of QoS 0 marked as sent before");
        }
        var topic = packet.readSlice(packet.readUnsignedShort());
        int packetId = qos == 0 ? 0 : packetId(packet);
        handler.publish(qos, (flags & 1) != 0, topic, packetId, packet);
    }

    private static void connect(ByteBuf packet, PacketHandler handler) {
        var name = new byte[packet.readUnsignedShort()];
        if (name.length != PROTOCOL_NAME.length) {
            throw new MalformedPacketException("a protocol name that is not MQTT");
        }
        packet.readBytes(name);
        if (!Arrays.equals(name, PROTOCOL_NAME)) {
            throw new MalformedPacketException("a protocol name that is not MQTT");
        }
        int level = packet.readUnsignedByte();
        if (level != LEVEL_3_1_1) {
            handler.unsupportedLevel(level);
            return;
        }
        int flags = packet.readUnsignedByte();
        boolean hasUsername = (flags & 0x80) != 0;
        boolean hasPassword = (flags & 0x40) != 0;
        boolean hasWill = (flags & 0x04) != 0;
        int willQos = flags >>> 3 & 3;
        if ((flags & 1) != 0 || willQos == 3 || !hasWill && (flags & 0x38) != 0 || hasPassword && !hasUsername) {
            throw new MalformedPacketException("a CONNECT whose flags contradict each other");
        }
        int keepAlive = packet.readUnsignedShort();
        var clientId = text(packet);
        var will = hasWill
                ? Optional.of(new ConnectPacket.Will(text(packet), bytes(packet), willQos, (flags & 0x20) != 0))
                : Optional.<ConnectPacket.Will>empty();
        var username = hasUsername ? Optional.of(text(packet)) : Optional.<String>empty();
        var password =
                hasPassword ? Optional.of(new String(bytes(packet), StandardCharsets.UTF_8)) : Optional.<String>empty();
        requireEnd(packet, "CONNECT");
        handler.connect(new ConnectPacket((flags & 2) != 0, keepAlive, clientId, will, username, password));
    }

    private static void subscribe(ByteBuf packet, PacketHandler handler) {
        int packetId = packetId(packet);
        List<PacketHandler.Subscription> subscriptions = new ArrayList<>();
        do {
            var filter = text(packet);
            int qos = packet.readUnsignedByte();
            if (qos > 2) {
                throw new MalformedPacketException("a SUBSCRIBE with QoS " + qos);
            }
            subscriptions.add(new PacketHandler.Subscription(filter, qos));
        } while (packet.isReadable());
        handler.subscribe(packetId, subscriptions);
    }

    private static void unsubscribe(ByteBuf packet, PacketHandler handler) {
        int packetId = packetId(packet);
        List<String> filters = new ArrayList<>();
        do {
            filters.add(text(packet));
        } while (packet.isReadable());
        handler.unsubscribe(packetId, filters);
    }

    private static int packetId(ByteBuf packet) {
        int packetId = packet.readUnsignedShort();
        if (packetId == 0) {
            throw new MalformedPacketException("a packet identifier of 0");
        }
        return packetId;
    }

    private static byte[] bytes(ByteBuf packet) {
        var field = packet.readSlice(packet.readUnsignedShort());
        var bytes = new byte[field.readableBytes()];
        field.readBytes(bytes);
        return bytes;
    }

    private static String text(ByteBuf packet) {
        return text(ByteBuffer.wrap(bytes(packet)));
    }

    /**
     * The text of a UTF-8 field (MQTT 3.1.1, section 1.5.3).
     *
     * @throws MalformedPacketException when it is not UTF-8 or holds U+0000
     */
    static String text(ByteBuffer field) {
        try {
            CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
            var text = decoder.decode(field).toString();
            if (text.indexOf(0) >= 0) {
                throw new MalformedPacketException("a text with a null character");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new MalformedPacketException("a text that is not UTF-8");
        }
    }

    private static void requireFlags(int expected, int flags, String packet) {
        if (flags != expected) {
            throw new MalformedPacketException("a " + packet + " with reserved flags set");
        }
    }

    private static void requireEnd(ByteBuf packet, String name) {
        if (packet.isReadable()) {
            throw new MalformedPacketException("a " + name + " with " + packet.readableBytes() + " bytes too many");
        }
    }
}
