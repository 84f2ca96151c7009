package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketReaderTest {

    private static final int MAX = 1000;

    private final Recorder recorder = new Recorder();
    private final PacketReader reader = new PacketReader(MAX);

    @Test
    void everyPacketIsReadHoweverItIsSplit() {
        var all = Unpooled.buffer();
        all.writeBytes(connect("d1", "hub/d1/?api-version=2021-04-12", "secret"));
        all.writeBytes(publish(1, "devices/d1/messages/events/a=b", 7, "x".repeat(200)));
        all.writeBytes(publish(0, "devices/d1/messages/events/", 0, ""));
        all.writeBytes(hex("820b 0001 0006 612f622f2b23 01"));
        all.writeBytes(hex("a208 0002 0004 612f6223"));
        all.writeBytes(hex("c000"));
        all.writeBytes(hex("40020009"));
        all.writeBytes(hex("e000"));
        var expected = List.of(
                "connect d1 hub/d1/?api-version=2021-04-12 secret",
                "publish 1 devices/d1/messages/events/a=b 7 200",
                "publish 0 devices/d1/messages/events/ 0 0",
                "subscribe 1 [Subscription[filter=a/b/+#, qos=1]]",
                "unsubscribe 2 [a/b#]",
                "ping",
                "puback 9",
                "disconnect");

        for (int split = 0; split <= all.readableBytes(); split++) {
            recorder.packets.clear();
            var arrived = Unpooled.buffer().writeBytes(all, 0, split);
            readAll(arrived);
            arrived.writeBytes(all, split, all.readableBytes() - split);
            readAll(arrived);

            assertThat(recorder.packets).as("split at %d", split).isEqualTo(expected);
            assertThat(arrived.readableBytes()).isZero();
        }
    }

    @Test
    void qualityOfServiceZeroHasNoPacketId() {
        readAll(hex("3004 0001 61 00"));

        assertThat(recorder.packets).containsExactly("publish 0 a 0 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            34050001610001        | QoS 2
            36050001610001        | QoS 3
            38030001 61           | sent before
            32050001610000        | identifier of 0
            3003ffff61            | ends before
            3204000161 00         | ends before
            e10 0                 | reserved flags
            e00100                | bytes too many
            c00100                | bytes too many
            80080001000461622f2301 | reserved flags
            82020001              | ends before
            8206000100016103      | SUBSCRIBE with QoS 3
            820600010001ff00      | not UTF-8
            8206000100010000      | null character
            50020001              | type 5
            20020000              | type 2
            0000                  | type 0
            f000                  | type 15
            30ffffffffff          | more than four bytes
            30ffffff7f            | at most 1000
            100c00044d51545404030000 0000 | contradict each other
            100c00044d5154540440 0000 0000 | contradict each other
            100c00044d515454043a 0000 0000 | contradict each other
            100c00044d51545404180000 0000 | contradict each other
            100c00044d5154 5804020000 0000 | not MQTT
            1009ffff4d515454040200 | not MQTT
            """)
    void whatNoClientMaySendIsNamed(String bytes, String complaint) {
        assertThatThrownBy(() -> readAll(hex(bytes)))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void otherProtocolLevelIsToldApart() {
        readAll(hex("100c00044d51545405020000 0000"));

        assertThat(recorder.packets).containsExactly("level 5");
    }

    @Test
    void packetThatIsTooLongIsRefusedBeforeItArrives() {
        var onlyTheLength = hex("30e907");

        assertThatThrownBy(() -> readAll(onlyTheLength)).hasMessageContaining("1001 bytes");
    }

    @Test
    void rubbishNeverDoesAnythingElseThanComplain() {
        var random = new Random(17);
        for (int i = 0; i < 200_000; i++) {
            var bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            try {
                readAll(Unpooled.wrappedBuffer(bytes));
            } catch (MalformedPacketException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    private void readAll(ByteBuf in) {
        while (reader.read(in, recorder)) {
            // until nothing whole is left
        }
    }

    private static ByteBuf connect(String clientId, String username, String password) {
        var body = Unpooled.buffer();
        body.writeBytes(hex("00044d515454 04 c2 003c"));
        text(body, clientId);
        text(body, username);
        text(body, password);
        return Unpooled.buffer().writeByte(0x10).writeByte(body.readableBytes()).writeBytes(body);
    }

    private static ByteBuf publish(int qos, String topic, int id, String payload) {
        var body = Unpooled.buffer();
        text(body, topic);
        if (qos > 0) {
            body.writeShort(id);
        }
        body.writeCharSequence(payload, StandardCharsets.UTF_8);
        int length = body.readableBytes();
        var packet = Unpooled.buffer().writeByte(0x30 | qos << 1);
        if (length > 127) {
            packet.writeByte(length & 0x7f | 0x80).writeByte(length >>> 7);
        } else {
            packet.writeByte(length);
        }
        return packet.writeBytes(body);
    }

    private static void text(ByteBuf out, String text) {
        out.writeShort(text.length()).writeCharSequence(text, StandardCharsets.UTF_8);
    }

    private static ByteBuf hex(String text) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }

    private static final class Recorder implements PacketHandler {

        private final List<String> packets = new ArrayList<>();

        @Override
        public void connect(ConnectPacket packet) {
            packets.add("connect " + packet.clientId() + " " + packet.username().orElse("-") + " "
                    + packet.password().orElse("-"));
        }

        @Override
        public void unsupportedLevel(int level) {
            packets.add("level " + level);
        }

        @Override
        public void publish(int qos, boolean retain, ByteBuf topic, int packetId, ByteBuf payload) {
            packets.add("publish " + qos + " " + topic.toString(StandardCharsets.UTF_8) + " " + packetId + " "
                    + payload.readableBytes());
        }

        @Override
        public void publishAcknowledged(int packetId) {
            packets.add("puback " + packetId);
        }

        @Override
        public void subscribe(int packetId, List<Subscription> subscriptions) {
            packets.add("subscribe " + packetId + " " + subscriptions);
        }

        @Override
        public void unsubscribe(int packetId, List<String> filters) {
            packets.add("unsubscribe " + packetId + " " + filters);
        }

        @Override
        public void ping() {
            packets.add("ping");
        }

        @Override
        public void disconnect() {
            packets.add("disconnect");
        }
    }
}
