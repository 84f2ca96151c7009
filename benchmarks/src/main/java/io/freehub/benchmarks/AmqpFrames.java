package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.SasToken;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.codec.ReadableBuffer;

/** The few AMQP 1.0 frames of a device that sends. For one thread. */
final class AmqpFrames {

    /** Length of a protocol header, and of what stands before the body of a frame. */
    static final int HEADER = 8;

    private static final byte[] SASL_HEADER = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};
    private static final byte[] AMQP_HEADER = {'A', 'M', 'Q', 'P', 0, 1, 0, 0};
    private static final int SASL = 1;
    private static final int AMQP = 0;
    private static final int BODY_OFFSET = 2;
    private static final int BUFFER = 8 * 1024;
    private static final Duration TOKEN_LIFE = Duration.ofHours(2);

    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);

    AmqpFrames() {
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    /** SASL PLAIN with a token of the device's key; all at once, as the hub's answers cannot change any of it. */
    byte[] hello(String host, Device device) {
        var token = SasToken.create(
                host + "/devices/" + device.id(), device.key(), Instant.now().plus(TOKEN_LIFE), Optional.empty());
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf("PLAIN"));
        init.setInitialResponse(new Binary(("\0" + device.id() + "@sas." + host + "\0" + token).getBytes(UTF_8)));
        var open = new Open();
        open.setContainerId("");
        open.setHostname(host);
        var begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(UnsignedInteger.valueOf(1000));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(Integer.MAX_VALUE));
        var attach = new Attach();
        attach.setName("telemetry");
        attach.setHandle(UnsignedInteger.ZERO);
        attach.setRole(Role.SENDER);
        attach.setSource(new Source());
        var target = new Target();
        target.setAddress("/devices/" + device.id() + "/messages/events");
        attach.setTarget(target);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);

        var all = new ByteArrayOutputStream();
        all.writeBytes(SASL_HEADER);
        all.writeBytes(frame(SASL, init));
        all.writeBytes(AMQP_HEADER);
        all.writeBytes(frame(AMQP, open));
        all.writeBytes(frame(AMQP, begin));
        all.writeBytes(frame(AMQP, attach));
        return all.toByteArray();
    }

    byte[] close() {
        return frame(AMQP, new Close());
    }

    private byte[] frame(int type, Object performative) {
        var buffer = ByteBuffer.allocate(BUFFER).position(HEADER);
        encoder.setByteBuffer(buffer);
        encoder.writeObject(performative);
        return framed(buffer, type);
    }

    private static byte[] framed(ByteBuffer buffer, int type) {
        buffer.putInt(0, buffer.position());
        buffer.put(4, (byte) BODY_OFFSET).put(5, (byte) type);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /** A transfer of which only delivery id and sequence number are still to be set. */
    static final class Template {

        private final byte[] frame;
        private final int sequence;

        private Template(byte[] frame, int bodySize) {
            this.frame = frame;
            this.sequence = frame.length - bodySize + Body.SEQUENCE;
        }

        /** The frame, good until the next call. */
        byte[] with(int number) {
            ByteBuffer.wrap(frame).putInt(DELIVERY_ID, number).putInt(DELIVERY_TAG, number);
            Body.putSequence(frame, sequence, number);
            return frame;
        }
    }

    /** Behind the descriptor, the list's own bytes, and the handle. */
    private static final int DELIVERY_ID = HEADER + 3 + 3 + 1 + 1;

    private static final int DELIVERY_TAG = DELIVERY_ID + 4 + 2;

    /** The message of a Node.js device with a content type, an encoding and a property of its own. */
    Template transfer(byte[] body) {
        var buffer = ByteBuffer.allocate(BUFFER + body.length).position(HEADER);
        buffer.put(new byte[] {0x00, 0x53, 0x14}); // transfer
        buffer.put(new byte[] {(byte) 0xc0, 15, 5}); // a list of five
        buffer.put((byte) 0x43); // handle 0
        buffer.put((byte) 0x70).putInt(0); // delivery id
        buffer.put((byte) 0xa0).put((byte) 4).putInt(0); // delivery tag
        buffer.put((byte) 0x43); // message format 0
        buffer.put((byte) 0x42); // not settled
        var properties = new Properties();
        properties.setContentType(Symbol.valueOf("application/json"));
        properties.setContentEncoding(Symbol.valueOf("utf-8"));
        var message = Proton.message();
        message.setProperties(properties);
        message.setApplicationProperties(new ApplicationProperties(Map.of("hall", "north")));
        message.setBody(new Data(new Binary(body)));
        int length = message.encode(buffer.array(), buffer.position(), buffer.remaining());
        buffer.position(buffer.position() + length);
        return new Template(framed(buffer, AMQP), body.length);
    }

    /** Whether a protocol header stands here rather than a frame. */
    static boolean isHeader(ByteBuf in) {
        return in.getByte(in.readerIndex()) == 'A';
    }

    /** The performative of a frame, which must be whole; empty in one that only keeps the connection alive. */
    Optional<Object> read(ByteBuf frame) {
        frame.skipBytes(4 * frame.getUnsignedByte(frame.readerIndex() + 4));
        if (!frame.isReadable()) {
            return Optional.empty();
        }
        decoder.setBuffer(ReadableBuffer.ByteBufferReader.wrap(frame.nioBuffer()));
        return Optional.of(decoder.readObject());
    }
}
