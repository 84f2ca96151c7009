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
        /** Not let in yet, or without what it needs to begin. */
        OPENING,
        OPEN,
        CLOSED
    }

    private final Lane lane;
    private final Wire wire;
    private final int number;

    /** When the message of a sequence number was sent, modulo the window. */
    private final long[] sentAt;

    private State state = State.OPENING;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf unsent;
    private int sent;
    private int acknowledged;

    DeviceConnection(Lane lane, int number, Wire wire) {
        this.lane = lane;
        this.number = number;
        this.wire = wire;
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
        var packet = wire.message(sent);
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
            context.writeAndFlush(Unpooled.wrappedBuffer(wire.farewell())).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Called when TCP is connected; with TLS the packet waits for the handshake. */
    @Override
    public void channelActive(ChannelHandlerContext channel) {
        context = channel;
        channel.writeAndFlush(Unpooled.wrappedBuffer(wire.hello()), channel.voidPromise());
    }

    @Override
    protected void decode(ChannelHandlerContext channel, ByteBuf in, List<Object> out) {
        while (state != State.CLOSED && wire.read(in, this)) {
            // One packet after the other.
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

    @Override
    public void ready() {
        state = State.OPEN;
        lane.opened(this);
    }

    @Override
    public void acknowledged(int sequence) {
        if (inFlight() == 0 || sequence != acknowledged % wire.sequences()) {
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
