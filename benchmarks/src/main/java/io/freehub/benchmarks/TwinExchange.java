package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.util.regex.Pattern;

/**
 * A device reports properties at QoS 0, as the SDKs do; the answer {@code 204} confirms each. It hears of desired
 * properties in which {@link #SENT_AT} tells when they were sent.
 */
final class TwinExchange implements Exchange {

    /** Name of the desired property with the microseconds of {@link System#nanoTime()}. */
    static final String SENT_AT = "sentAt";

    private static final String ANSWERS = "$iothub/twin/res/#";
    private static final String DESIRED = "$iothub/twin/PATCH/properties/desired/#";
    private static final String ANSWER = "$iothub/twin/res/";
    private static final String DONE = ANSWER + "204/?$rid=";
    private static final Pattern TIME = Pattern.compile("\"" + SENT_AT + "\":(\\d+)");

    private final boolean watching;

    /** @param watching whether the device hears of desired properties */
    TwinExchange(boolean watching) {
        this.watching = watching;
    }

    @Override
    public int sequences() {
        return Integer.MAX_VALUE;
    }

    @Override
    public byte[] opening() {
        return watching ? MqttPackets.subscribe(0, ANSWERS, DESIRED) : MqttPackets.subscribe(0, ANSWERS);
    }

    @Override
    public byte[] message(int sequence) {
        return MqttPackets.publish("$iothub/twin/PATCH/properties/reported/?$rid=" + sequence, patch(sequence));
    }

    /** What a device with a few properties might report of itself. */
    static String patch(int sequence) {
        return "{\"temperature\":%d.5,\"battery\":%d,\"telemetryConfig\":{\"status\":\"Success\",\"count\":%d}}"
                .formatted(sequence % 50, sequence % 100, sequence);
    }

    @Override
    public void read(int firstByte, ByteBuf content, Speaker speaker) {
        if (firstByte == MqttPackets.SUBACK) {
            speaker.ready();
        } else if (firstByte == MqttPackets.PUBLISH) {
            var topic =
                    content.readCharSequence(content.readUnsignedShort(), UTF_8).toString();
            if (topic.startsWith(ANSWER)) {
                answered(topic, speaker);
            } else {
                told(content.toString(UTF_8), speaker);
            }
        } else {
            speaker.end("the hub sent an unexpected packet of type 0x" + Integer.toHexString(firstByte));
        }
    }

    private static void answered(String topic, Speaker speaker) {
        if (topic.startsWith(DONE)) {
            int end = topic.indexOf('&', DONE.length());
            speaker.acknowledged(Integer.parseInt(topic.substring(DONE.length(), end < 0 ? topic.length() : end)));
        } else {
            speaker.end("the hub answered " + topic);
        }
    }

    private static void told(String desired, Speaker speaker) {
        var time = TIME.matcher(desired);
        if (time.find()) {
            speaker.told(Long.parseLong(time.group(1)) * 1000);
        } else {
            speaker.end("the hub told of " + desired);
        }
    }
}
