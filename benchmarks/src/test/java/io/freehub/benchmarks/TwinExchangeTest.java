package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TwinExchangeTest {

    private final List<String> said = new ArrayList<>();
    private final Exchange.Speaker speaker = new Exchange.Speaker() {
        @Override
        public void ready() {
            said.add("ready");
        }

        @Override
        public void acknowledged(int sequence) {
            said.add("acknowledged " + sequence);
        }

        @Override
        public void told(long sentAt) {
            said.add("told " + sentAt);
        }

        @Override
        public void say(byte[] packet) {
            throw new AssertionError("nothing to be said");
        }

        @Override
        public void end(String reason) {
            said.add("end");
        }
    };

    @Test
    void answersAndNotificationsAreRead() {
        var exchange = new TwinExchange(true);

        exchange.read(MqttPackets.SUBACK, Unpooled.wrappedBuffer(new byte[] {0, 1, 0, 0}), speaker);
        exchange.read(MqttPackets.PUBLISH, publish("$iothub/twin/res/204/?$rid=17&$version=3", ""), speaker);
        exchange.read(
                MqttPackets.PUBLISH,
                publish("$iothub/twin/PATCH/properties/desired/?$version=2", "{\"sentAt\":1234,\"$version\":2}"),
                speaker);
        exchange.read(MqttPackets.PUBLISH, publish("$iothub/twin/res/429/?$rid=18", "{}"), speaker);

        assertThat(said).containsExactly("ready", "acknowledged 17", "told 1234000", "end");
    }

    @Test
    void lengthIsKnownOnceTheWholePacketIsThere() {
        var packet = MqttPackets.publish("t", "x".repeat(200));
        var whole = Unpooled.wrappedBuffer(packet);

        assertThat(MqttPackets.length(whole)).isEqualTo(203);
        assertThat(MqttPackets.length(whole.slice(0, packet.length - 1))).isEqualTo(-1);
        assertThat(MqttPackets.length(whole.slice(0, 2))).isEqualTo(-1);
        assertThat(MqttPackets.length(whole.slice(0, 1))).isEqualTo(-1);
    }

    /** What stands behind the length. */
    private static ByteBuf publish(String topic, String body) {
        var content = Unpooled.buffer();
        content.writeShort(topic.length());
        content.writeCharSequence(topic + body, UTF_8);
        return content;
    }
}
