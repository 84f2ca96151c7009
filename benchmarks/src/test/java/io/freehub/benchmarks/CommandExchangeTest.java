package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.DeviceId;
import io.freehub.model.SymmetricKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandExchangeTest {

    private final List<String> heard = new ArrayList<>();
    private final Exchange.Speaker speaker = new Exchange.Speaker() {
        @Override
        public void ready() {
            heard.add("ready");
        }

        @Override
        public void acknowledged(int sequence) {
            heard.add("acknowledged");
        }

        @Override
        public void told(long sentAt) {
            heard.add("told " + sentAt);
        }

        @Override
        public void say(byte[] packet) {
            heard.add("said " + (packet[0] & 0xff) + " " + new String(packet, 2, packet.length - 2, UTF_8));
        }

        @Override
        public void end(String reason) {
            heard.add("end");
        }
    };

    @Test
    void callIsAnsweredWithItsPayload() {
        CommandExchange.methods().read(0x30, packet("$iothub/methods/POST/reboot/?$rid=1f", "", "{\"a\":1}"), speaker);

        assertThat(heard)
                .singleElement()
                .asString()
                .startsWith("said 48 ")
                .endsWith("$iothub/methods/res/200/?$rid=1f{\"a\":1}");
    }

    @Test
    void messageIsAcknowledgedAndItsTimeTold() {
        var exchange = CommandExchange.messages(new Device(new DeviceId("d"), SymmetricKey.generate()));
        exchange.read(0x90, Unpooled.EMPTY_BUFFER, speaker);
        exchange.read(0x32, packet("devices/d/messages/devicebound/%24.to=x", "\0\7", "1234"), speaker);

        assertThat(heard).containsExactly("ready", "said 64 \0\7", "told 1234000");
    }

    @Test
    void anythingElseEndsTheConnection() {
        CommandExchange.methods().read(0xd0, Unpooled.EMPTY_BUFFER, speaker);

        assertThat(heard).containsExactly("end");
    }

    private static ByteBuf packet(String topic, String packetId, String body) {
        return Unpooled.buffer().writeShort(topic.length()).writeBytes((topic + packetId + body).getBytes(UTF_8));
    }
}
