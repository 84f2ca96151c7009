package io.freehub.benchmarks;

import io.netty.buffer.ByteBuf;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;

/** AMQP 1.0: a link for telemetry on which a device sends; the hub accepts each message, in their order. */
final class AmqpWire implements Wire {

    private final AmqpFrames frames;
    private final byte[] hello;
    private final AmqpFrames.Template message;
    private boolean mayTransfer;
    private int limit;

    /** @param frames shared by the devices of a lane */
    AmqpWire(AmqpFrames frames, String host, Device device, byte[] body) {
        this.frames = frames;
        this.hello = frames.hello(host, device);
        this.message = frames.transfer(body);
    }

    @Override
    public byte[] hello() {
        return hello;
    }

    @Override
    public int sequences() {
        return Integer.MAX_VALUE;
    }

    @Override
    public byte[] message(int sequence) {
        if (sequence >= limit) {
            throw new BenchmarkException("the hub lets a device send " + limit + " messages before it accepts any");
        }
        return message.with(sequence);
    }

    @Override
    public byte[] farewell() {
        return frames.close();
    }

    @Override
    public boolean read(ByteBuf in, Exchange.Speaker speaker) {
        if (in.readableBytes() < AmqpFrames.HEADER) {
            return false;
        }
        if (AmqpFrames.isHeader(in)) {
            in.skipBytes(AmqpFrames.HEADER);
            return true;
        }
        int size = in.getInt(in.readerIndex());
        if (in.readableBytes() < size) {
            return false;
        }
        frames.read(in.readSlice(size)).ifPresent(performative -> take(performative, speaker));
        return true;
    }

    private void take(Object performative, Exchange.Speaker speaker) {
        switch (performative) {
            case SaslOutcome outcome when outcome.getCode() != SaslCode.OK -> speaker.end("SASL " + outcome.getCode());
            case Flow flow
            when flow.getHandle() != null -> {
                limit = flow.getDeliveryCount().intValue()
                        + flow.getLinkCredit().intValue();
                if (!mayTransfer) {
                    mayTransfer = true;
                    speaker.ready();
                }
            }
            case Disposition disposition -> accepted(disposition, speaker);
            case Detach detach -> speaker.end("detached: " + detach.getError());
            case End end -> speaker.end("the session ended: " + end.getError());
            case Close close -> speaker.end("closed: " + close.getError());
            default -> {
                // What every connection begins with.
            }
        }
    }

    private static void accepted(Disposition disposition, Exchange.Speaker speaker) {
        if (!(disposition.getState() instanceof Accepted)) {
            speaker.end("not accepted but " + disposition.getState());
            return;
        }
        int first = disposition.getFirst().intValue();
        int last = disposition.getLast() == null ? first : disposition.getLast().intValue();
        for (int number = first; number <= last; number++) {
            speaker.acknowledged(number);
        }
    }
}
