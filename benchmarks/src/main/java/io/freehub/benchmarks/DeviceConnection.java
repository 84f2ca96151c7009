package io.freehub.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one device: sends, matches acknowledgements, measures. Lives on the event loop of its lane. The hub
 * confirms in the order of the messages; anything else ends the connection.
 */
final class DeviceConnection extends ByteToMessageDecoder implements Exchange.Speaker {

    private enum State {
        CONNECTING,
        /** Let in, and has not yet what it needs to begin. */
        OPENING,
        OPEN,
        CLOSED
    }

    private final Lane lane;
    private final byte[] connect;
    private final Exchange exchange;
    private final int number;

    /** When the message of a sequence number was sent, modulo the window. */
    private final long[] sentAt;

    private State state = State.CONNECTING;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf unsent;
    private int sent;
    private int acknowledged;

    DeviceConnection(Lane lane, int number, byte[] connect, Exchange exchange) {
        this.lane = lane;
        this.number = number;
        this.connect = connect;
        this.exchange = exchange;
        this.sentAt = new long[lane.workload().window()];
    }

    /** Number of the device in the fleet, as it stands in each body. */
    int number() {
        return number;
    }

    /** So many messages were acknowledged: those with the lowest sequence numbers. */
    int acknowledged() {
        return acknowledged;
    }

    int inFlight() {
        return sent - acknowledged;
    }

    boolean hasRoom() {
        return inFlight() < sentAt.length;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Sends as soon as {@link #flush} is called. */
    void publish(long at) {
        sentAt[sent % sentAt.length] = at;
        var packet = exchange.message(sent);
        var buffer = unsent;
        if (buffer == null) {
            buffer = context.alloc().buffer(2 * packet.length);
            unsent = buffer;
        }
        buffer.writeBytes(packet);
        sent++;
        lane.sent();
    }

    void flush() {
        var buffer = unsent;
        if (buffer != null) {
            unsent = null;
            context.writeAndFlush(buffer, context.voidPromise());
        }
    }

    /** Says goodbye; the end is then no loss. */
    void close() {
        if (state == State.OPEN) {
            state = State.CLOSED;
            context.writeAndFlush(Unpooled.wrappedBuffer(MqttPackets.disconnect()))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Called when TCP is connected; with TLS the packet waits for the handshake. */
    @Override
    public void channelActive(ChannelHandlerContext channel) {
        context = channel;
        channel.writeAndFlush(Unpooled.wrappedBuffer(connect), channel.voidPromise());
    }

    @Override
    protected void decode(ChannelHandlerContext channel, ByteBuf in, List<Object> out) {
        while (state != State.CLOSED) {
            int length = MqttPackets.length(in);
            if (length < 0) {
                return;
            }
            int type = in.readUnsignedByte();
            while (in.readByte() < 0) {
                // The length, which is known.
            }
            read(type, in, in.readerIndex() + length);
        }
    }

    private void read(int type, ByteBuf in, int end) {
        if (state != State.CONNECTING) {
            int whole = in.writerIndex();
            in.writerIndex(end);
            exchange.read(type, in, this);
            in.writerIndex(whole).readerIndex(end);
        } else if (type == MqttPackets.CONNACK && end - in.readerIndex() == 2) {
            connected(in.readUnsignedShort() & 0xff);
        } else {
            end("the hub sent an unexpected packet of type 0x" + Integer.toHexString(type));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext channel) throws Exception {
        super.channelReadComplete(channel);
        flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        end("the hub closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        context = channel;
        end(cause.toString());
    }

    /** The connection could not be made. */
    void failed(Throwable cause) {
        end(cause.toString());
    }

    private void connected(int returnCode) {
        if (returnCode != 0) {
            end("CONNACK " + returnCode);
            return;
        }
        var opening = exchange.opening();
        state = State.OPENING;
        if (opening.length == 0) {
            ready();
        } else {
            context.writeAndFlush(Unpooled.wrappedBuffer(opening), context.voidPromise());
        }
    }

    @Override
    public void ready() {
        state = State.OPEN;
        lane.opened(this);
    }

    @Override
    public void acknowledged(int sequence) {
        if (inFlight() == 0 || sequence != acknowledged % exchange.sequences()) {
            end("the confirmation of " + sequence + " is out of order");
            return;
        }
        var at = sentAt[acknowledged % sentAt.length];
        acknowledged++;
        lane.acknowledged(this, at);
    }

    @Override
    public void told(long at) {
        lane.told(at);
    }

    @Override
    public void say(byte[] packet) {
        if (state != State.CLOSED) {
            context.writeAndFlush(Unpooled.wrappedBuffer(packet), context.voidPromise());
        }
    }

    @Override
    public void end(String reason) {
        var before = state;
        if (before == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        var buffer = unsent;
        if (buffer != null) {
            unsent = null;
            buffer.release();
        }
        if (context != null) {
            context.close();
        }
        lane.ended(this, before == State.OPEN, reason);
    }
}
