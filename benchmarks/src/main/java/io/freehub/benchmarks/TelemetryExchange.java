package io.freehub.benchmarks;

import io.netty.buffer.ByteBuf;

/** A device sends messages at QoS 1; a PUBACK confirms each, in the order of the messages. */
final class TelemetryExchange implements Exchange {

    private static final int PACKET_IDS = 65_535;
    private static final byte[] NOTHING = {};

    private final MqttPackets.Template message;

    TelemetryExchange(Device device, byte[] body) {
        this.message = MqttPackets.publish(device, body);
    }

    @Override
    public int sequences() {
        return PACKET_IDS;
    }

    @Override
    public byte[] opening() {
        return NOTHING;
    }

    @Override
    public byte[] message(int sequence) {
        return message.with(sequence % PACKET_IDS + 1, sequence);
    }

    @Override
    public void read(int firstByte, ByteBuf content, Speaker speaker) {
        if (firstByte == MqttPackets.PUBACK && content.readableBytes() == 2) {
            speaker.acknowledged(content.readUnsignedShort() - 1);
        } else {
            speaker.end("the hub sent an unexpected packet of type 0x" + Integer.toHexString(firstByte));
        }
    }
}
