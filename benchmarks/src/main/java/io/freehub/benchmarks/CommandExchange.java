package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;

/**
 * A device receives: it answers every call of a method at once, and acknowledges every message, whose body tells in
 * microseconds of {@link System#nanoTime()} when it was sent.
 */
final class CommandExchange implements Exchange {

    private static final String CALL = "$iothub/methods/POST/";
    private static final String ANSWER = "$iothub/methods/res/200/";

    private final byte[] opening;

    private CommandExchange(byte[] opening) {
        this.opening = opening;
    }

    /** Of a device whose methods are called. */
    static CommandExchange methods() {
        return new CommandExchange(MqttPackets.subscribe(0, CALL + "#"));
    }

    /** Of a device that messages are sent to. */
    static CommandExchange messages(Device device) {
        return new CommandExchange(MqttPackets.subscribe(1, "devices/" + device.id() + "/messages/devicebound/#"));
    }

    @Override
    public int sequences() {
        return Integer.MAX_VALUE;
    }

    @Override
    public byte[] opening() {
        return opening;
    }

    @Override
    public byte[] message(int sequence) {
        throw new IllegalStateException("the device only receives");
    }

    @Override
    public void read(int firstByte, ByteBuf content, Speaker speaker) {
        switch (firstByte) {
            case MqttPackets.SUBACK -> speaker.ready();
            case MqttPackets.PUBLISH -> {
                var topic = content.readCharSequence(content.readUnsignedShort(), UTF_8)
                        .toString();
                // Of the topic the request id stands behind the last slash, and goes back as it is.
                speaker.say(MqttPackets.publish(
                        ANSWER + topic.substring(topic.lastIndexOf('/') + 1), content.toString(UTF_8)));
            }
            case MqttPackets.PUBLISH_QOS1, MqttPackets.PUBLISH_QOS1_AGAIN -> {
                content.skipBytes(content.readUnsignedShort());
                speaker.say(MqttPackets.puback(content.readUnsignedShort()));
                speaker.told(Long.parseLong(content.toString(UTF_8)) * 1000);
            }
            default -> speaker.end("the hub sent an unexpected packet of type 0x" + Integer.toHexString(firstByte));
        }
    }
}
