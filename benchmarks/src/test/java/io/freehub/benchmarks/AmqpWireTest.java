package io.freehub.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.DeviceId;
import io.freehub.model.SymmetricKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.Test;

class AmqpWireTest {

    /** A flow: next-incoming-id 0, window 2048, next-outgoing-id 0, window 0, handle 0, delivery-count 0, link-credit 10. */
    private static final String FLOW = "0000001d 02000000 005313 c0100a 43 7000000800 43 43 43 43 520a 40 42 42";

    /** A disposition: receiver, deliveries 3 to 5, settled, accepted. */
    private static final String DISPOSITION = "00000018 02000000 005315 c00b05 41 5203 5205 41 005324 45";

    private final List<String> heard = new ArrayList<>();
    private final AmqpFrames frames = new AmqpFrames();
    private final byte[] body = Body.create(7, 1, 256);
    private final AmqpWire wire =
            new AmqpWire(frames, "hub", new Device(new DeviceId("d"), SymmetricKey.generate()), body);

    private final Exchange.Speaker speaker = new Exchange.Speaker() {
        @Override
        public void ready() {
            heard.add("ready");
        }

        @Override
        public void acknowledged(int sequence) {
            heard.add("acknowledged " + sequence);
        }

        @Override
        public void told(long sentAt) {
            heard.add("told");
        }

        @Override
        public void say(byte[] packet) {
            heard.add("say");
        }

        @Override
        public void end(String reason) {
            heard.add("end");
        }
    };

    @Test
    void givenCredit_whenAMessageIsSent_thenItIsATransferWithItsNumbers() {
        assertThat(wire.read(bytes(FLOW), speaker)).isTrue();
        assertThat(heard).containsExactly("ready");

        var frame = Unpooled.wrappedBuffer(wire.message(9));
        assertThat(frame.getInt(0)).isEqualTo(frame.readableBytes());
        var transfer = (Transfer) frames.read(frame.duplicate()).orElseThrow();
        assertThat(transfer.getDeliveryId()).isEqualTo(UnsignedInteger.valueOf(9));
        var message = Proton.message();
        // Header, descriptor, and a list of 15 bytes behind its own two.
        int start = AmqpFrames.HEADER + 3 + 2 + 15;
        message.decode(frame.array(), start, frame.readableBytes() - start);
        var sent = ((Data) message.getBody()).getValue();
        assertThat(Body.sequence(sent.getArray().length == sent.getLength() ? sent.getArray() : copy(sent)))
                .isEqualTo(9);
        assertThat(message.getContentType()).isEqualTo("application/json");
    }

    @Test
    void givenNoCredit_whenAMessageIsSent_thenItFails() {
        wire.read(bytes(FLOW), speaker);

        assertThatThrownBy(() -> wire.message(10)).isInstanceOf(BenchmarkException.class);
    }

    @Test
    void givenADispositionOfSeveral_whenRead_thenEachIsAcknowledged() {
        assertThat(wire.read(bytes(DISPOSITION), speaker)).isTrue();

        assertThat(heard).containsExactly("acknowledged 3", "acknowledged 4", "acknowledged 5");
    }

    @Test
    void givenPartOfAFrame_whenRead_thenNothingIsTaken() {
        var part = bytes(DISPOSITION).readSlice(20);

        assertThat(wire.read(part, speaker)).isFalse();
        assertThat(part.readableBytes()).isEqualTo(20);
    }

    private static byte[] copy(org.apache.qpid.proton.amqp.Binary binary) {
        var bytes = new byte[binary.getLength()];
        binary.asByteBuffer().get(bytes);
        return bytes;
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }
}
