package io.freehub.gateway.mqtt;

import io.freehub.gateway.tls.Peer;
import io.freehub.gateway.websocket.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The bytes of one connection: gathers them to packets for the present {@link Phase}, stops reading while it is told to,
 * and knows when a packet last came. Used on the event loop of the connection only.
 */
final class MqttChannel extends ChannelInboundHandlerAdapter {

    /** A part of a connection's life; it takes the packets that come in it. */
    interface Phase extends PacketHandler {

        /** The client broke the protocol; the channel closes after this. */
        void violated(String what);

        /** The connection is gone. Called once. */
        void gone(String reason);
    }

    private final String transport;
    private final PacketReader reader;
    private final Function<MqttChannel, Phase> firstPhase;

    private ChannelHandlerContext context;
    private Phase phase;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private boolean processing;
    private int pauses;
    private boolean unwritable;
    private boolean closed;
    private long lastRead = System.nanoTime();
    private String reason = "the client closed the connection";

    /**
     * @param transport what carries the bytes, for the log
     * @param maxLength greatest remaining length of a packet, until it is changed
     */
    @SuppressWarnings("NullAway.Init") // handlerAdded sets the rest before anything else is called.
    MqttChannel(String transport, int maxLength, Function<MqttChannel, Phase> firstPhase) {
        this.transport = transport;
        this.reader = new PacketReader(maxLength);
        this.firstPhase = firstPhase;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        phase = firstPhase.apply(this);
    }

    /** The packets that follow are the next phase's. */
    void enter(Phase next, int maxLength) {
        phase = next;
        reader.maxLength(maxLength);
    }

    /** Greatest length of a packet at present, its header included. */
    int maxPacket() {
        return PacketReader.MAX_HEADER + reader.maxLength();
    }

    String transport() {
        return transport;
    }

    EventExecutor executor() {
        return context.executor();
    }

    ByteBufAllocator allocator() {
        return context.alloc();
    }

    String remoteAddress() {
        return String.valueOf(context.channel().remoteAddress());
    }

    /** What the client showed in the handshake, its own certificate first; nothing of it was checked. */
    List<X509Certificate> clientCertificates() {
        return Peer.certificates(context.channel());
    }

    /** Where the client is. */
    InetAddress remoteHost() {
        return Peer.host(context.channel());
    }

    Future<?> schedule(Runnable task, long nanos) {
        return context.executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** Bytes that the client must read before it may be sent more without thought; 0 when it keeps up. */
    long unread() {
        return context.channel().bytesBeforeWritable();
    }

    void write(ByteBuf packet) {
        context.writeAndFlush(packet, context.voidPromise());
    }

    /** @param written called on the event loop when the bytes have left; never when they have not */
    void write(ByteBuf packet, Runnable written) {
        context.writeAndFlush(packet).addListener(write -> {
            if (write.isSuccess()) {
                written.run();
            }
        });
    }

    /** Writes a last packet and closes. */
    void closeAfter(ByteBuf packet, String why) {
        note(why);
        context.writeAndFlush(packet).addListener(ChannelFutureListener.CLOSE);
    }

    /** Closes the connection without a packet. */
    void close(String why) {
        note(why);
        context.close();
    }

    /** Ends the connection as a broken network does: nothing is said to the client, neither by TLS nor by WebSockets. */
    void reset(String why) {
        note(why);
        context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        context.pipeline().firstContext().close();
    }

    private void note(String why) {
        if (!closed) {
            closed = true;
            reason = why;
        }
    }

    /** Reads no more until {@link #resume} was called as often as this. */
    void pause() {
        if (pauses++ == 0) {
            context.channel().config().setAutoRead(false);
        }
    }

    void resume() {
        if (--pauses == 0 && !closed) {
            // Silence of our own making is no silence of the client.
            lastRead = System.nanoTime();
            process();
            if (pauses == 0) {
                context.channel().config().setAutoRead(true);
            }
        }
    }

    /** How long no byte has come; nothing while we do not read. */
    Duration silence() {
        return pauses > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - lastRead);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        if (closed) {
            bytes.release();
            return;
        }
        if (pending.isReadable()) {
            pending = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, bytes);
        } else {
            pending.release();
            pending = bytes;
        }
        process();
    }

    private void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            while (pauses == 0 && !closed && reader.read(pending, phase)) {
                // One packet after the other, as long as nobody asks for a pause.
            }
        } catch (MalformedPacketException e) {
            violated(e);
        } finally {
            processing = false;
        }
        if (!pending.isReadable() || closed) {
            pending.release();
            pending = Unpooled.EMPTY_BUFFER;
        } else {
            pending.discardSomeReadBytes();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        lastRead = System.nanoTime();
    }

    /** A client that does not take its acknowledgements is not read from either. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean now = !ctx.channel().isWritable();
        if (now != unwritable) {
            unwritable = now;
            if (unwritable) {
                pause();
            } else {
                resume();
            }
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        note(reason);
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
        phase.gone(reason);
        ctx.fireChannelInactive();
    }

    /** Resets and TLS failures end a connection like any other; they are the client's doing. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (closed) {
            return;
        }
        switch (cause) {
            case MalformedPacketException malformed -> violated(malformed);
            case CorruptedWebSocketFrameException malformed ->
                violated(new MalformedPacketException("a malformed frame: " + malformed.getMessage()));
            case DecoderException wrapped
            when wrapped.getCause() instanceof MalformedPacketException malformed -> violated(malformed);
            case DecoderException wrapped
            when wrapped.getCause() instanceof MalformedFrameException malformed ->
                violated(new MalformedPacketException(malformed.getMessage()));
            case MalformedFrameException malformed -> violated(new MalformedPacketException(malformed.getMessage()));
            default -> close("the connection failed: " + cause.getMessage());
        }
    }

    private void violated(MalformedPacketException what) {
        phase.violated(what.getMessage());
        close("the client sent " + what.getMessage());
    }
}
