package io.freehub.benchmarks;

import io.netty.buffer.ByteBuf;

/** MQTT 3.1.1: a CONNECT, and after its CONNACK what the exchange makes of it. */
final class MqttWire implements Wire {

    private final byte[] connect;
    private final Exchange exchange;
    private boolean connected;

    MqttWire(byte[] connect, Exchange exchange) {
        this.connect = connect;
        this.exchange = exchange;
    }

    @Override
    public byte[] hello() {
        return connect;
    }

    @Override
    public int sequences() {
        return exchange.sequences();
    }

    @Override
    public byte[] message(int sequence) {
        return exchange.message(sequence);
    }

    @Override
    public byte[] farewell() {
        return MqttPackets.disconnect();
    }

    @Override
    public boolean read(ByteBuf in, Exchange.Speaker speaker) {
        int length = MqttPackets.length(in);
        if (length < 0) {
            return false;
        }
        int type = in.readUnsignedByte();
        while (in.readByte() < 0) {
            // The length, which is known.
        }
        read(type, in.readSlice(length), speaker);
        return true;
    }

    private void read(int type, ByteBuf content, Exchange.Speaker speaker) {
        if (connected) {
            exchange.read(type, content, speaker);
        } else if (type == MqttPackets.CONNACK && content.readableBytes() == 2) {
            connected(content.readUnsignedShort() & 0xff, speaker);
        } else {
            speaker.end("the hub sent an unexpected packet of type 0x" + Integer.toHexString(type));
        }
    }

    private void connected(int returnCode, Exchange.Speaker speaker) {
        if (returnCode != 0) {
            speaker.end("CONNACK " + returnCode);
            return;
        }
        connected = true;
        var opening = exchange.opening();
        if (opening.length == 0) {
            speaker.ready();
        } else {
            speaker.say(opening);
        }
    }
}
