package io.freehub.gateway.amqp;

import io.freehub.gateway.tls.Peer;
import io.freehub.gateway.websocket.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
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
import org.apache.qpid.proton.engine.Transport;
import org.apache.qpid.proton.engine.impl.TransportImpl;

/**
 * The bytes of one connection, between the socket and AMQP's engine: gives the engine one whole frame at a time, so that
 * what follows from a frame is done before the next is looked at, and takes from it no more than the client reads. Used on
 * the event loop of the connection only.
 */
final class AmqpChannel extends ChannelInboundHandlerAdapter {

    /** Greatest frame that clients may send; the engine has two buffers of this size for each connection. */
    static final int MAX_FRAME = 16 << 10;

    /** Greatest frame of SASL; a token may be in it. */
    static final int MAX_SASL_FRAME = 8 << 10;

    /** Some clients put all frames of a message into one of a WebSocket. */
    static final int LONGEST_WEBSOCKET_FRAME = 512 << 10;

    /** The same, before anybody has proved who he is. */
    private static final int FIRST_WEBSOCKET_FRAME = 64 << 10;

    private static final ByteBuf AMQP_HEADER = header(0);
    private static final ByteBuf SASL_HEADER = header(3);
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final String transport;
    private final Function<AmqpChannel, AmqpConnection> connections;

    private ChannelHandlerContext context;
    private AmqpConnection connection;
    private TransportImpl engine;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private boolean awaitingHeader = true;
    private boolean begun;
    private boolean inSasl;
    private boolean processing;
    private int pauses;
    private boolean unwritable;
    private long unwritableSince;
    private boolean closing;
    private boolean cutting;
    private String reason = "the client closed the connection";

    /** @param transport what carries the bytes, for the log */
    @SuppressWarnings("NullAway.Init") // handlerAdded sets the rest before anything else is called.
    AmqpChannel(String transport, Function<AmqpChannel, AmqpConnection> connections) {
        this.transport = transport;
        this.connections = connections;
    }

    private static ByteBuf header(int protocol) {
        return Unpooled.unreleasableBuffer(
                Unpooled.wrappedBuffer(new byte[] {'A', 'M', 'Q', 'P', (byte) protocol, 1, 0, 0}));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        connection = connections.apply(this);
        engine = connection.engine();
    }

    String transport() {
        return transport;
    }

    EventExecutor executor() {
        return context.executor();
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

    Future<?> schedule(Runnable task, Duration after) {
        return context.executor().schedule(task, after.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** For how long the client has read nothing though it should. */
    Duration unread() {
        return unwritable ? Duration.ofNanos(System.nanoTime() - unwritableSince) : Duration.ZERO;
    }

    /** Greatest WebSocket frame at present. */
    int maxWebSocketFrame() {
        return connection != null && connection.isProved() ? LONGEST_WEBSOCKET_FRAME : FIRST_WEBSOCKET_FRAME;
    }

    /** SASL is over, the client begins anew. */
    void saslDone() {
        inSasl = false;
        awaitingHeader = true;
    }

    /** Reads no more until {@link #resume} was called as often as this. */
    void pause() {
        if (pauses++ == 0) {
            context.channel().config().setAutoRead(false);
        }
    }

    void resume() {
        if (--pauses == 0 && !closing) {
            process();
            if (pauses == 0) {
                context.channel().config().setAutoRead(true);
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        if (closing) {
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
            while (pauses == 0 && !closing && next()) {
                // One frame after the other, as long as nobody asks for a pause.
            }
        } catch (ProtocolViolationException e) {
            connection.violated(e.condition(), e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            // The engine tells of malformed frames by exceptions of many types, and recurses as deep as they are
            // nested.
            connection.violated(AmqpErrors.DECODE_ERROR, "a malformed frame: " + e.getMessage());
        } finally {
            processing = false;
        }
        if (!pending.isReadable() || closing) {
            pending.release();
            pending = Unpooled.EMPTY_BUFFER;
        } else {
            pending.discardSomeReadBytes();
        }
        flush();
        if (cutting) {
            cutNow();
        }
    }

    private boolean next() {
        if (awaitingHeader) {
            return header();
        }
        if (pending.readableBytes() < Integer.BYTES) {
            return false;
        }
        long size = pending.getUnsignedInt(pending.readerIndex());
        int limit = inSasl ? MAX_SASL_FRAME : MAX_FRAME;
        if (size < 2 * Integer.BYTES || size > limit) {
            throw new ProtocolViolationException(
                    AmqpErrors.FRAMING, "a frame of " + size + " bytes; expected are 8 to " + limit);
        }
        if (pending.readableBytes() < size) {
            return false;
        }
        feed((int) size);
        return true;
    }

    private boolean header() {
        int length = AMQP_HEADER.readableBytes();
        int there = Math.min(length, pending.readableBytes());
        boolean amqp = ByteBufUtil.equals(pending, pending.readerIndex(), AMQP_HEADER, 0, there);
        boolean sasl =
                !connection.isSaslDone() && ByteBufUtil.equals(pending, pending.readerIndex(), SASL_HEADER, 0, there);
        if (!amqp && !sasl) {
            // What we would understand (AMQP 1.0, section 2.2).
            context.write(SASL_HEADER.duplicate());
            connection.noAmqp();
            return false;
        }
        if (there < length) {
            return false;
        }
        awaitingHeader = false;
        begun = true;
        inSasl = !amqp;
        if (inSasl) {
            connection.beginSasl();
        }
        feed(length);
        return true;
    }

    private void feed(int length) {
        for (int left = length; left > 0; ) {
            if (engine.capacity() <= 0) {
                // It has seen the end of the connection.
                pending.skipBytes(left);
                return;
            }
            var tail = engine.tail();
            int now = Math.min(left, tail.remaining());
            int limit = tail.limit();
            tail.limit(tail.position() + now);
            pending.readBytes(tail);
            tail.limit(limit);
            engine.process();
            left -= now;
        }
        connection.processed();
    }

    /** Writes what the engine has to say, as far as the client reads it. */
    void flush() {
        if (processing || !begun) {
            return;
        }
        boolean over = false;
        while (context.channel().isWritable()) {
            int length = engine.pending();
            if (length <= 0) {
                over = length == Transport.END_OF_STREAM;
                break;
            }
            var out = context.alloc().ioBuffer(length).writeBytes(engine.head());
            engine.pop(length);
            context.write(out);
        }
        context.flush();
        connection.flushed();
        if (over) {
            close("the connection is over");
        }
    }

    /** The connection is over when the client has read what was said, or after a while. Whatever still comes is dropped. */
    void close(String why) {
        if (!closing) {
            closing = true;
            reason = why;
            flush();
            context.channel().config().setAutoRead(true);
            var farewell = context.executor().schedule(() -> context.close(), FAREWELL.toNanos(), TimeUnit.NANOSECONDS);
            context.channel().closeFuture().addListener(_ -> farewell.cancel(false));
        }
    }

    /** Closes the connection without a word, once what was said is written. */
    void cut(String why) {
        if (!closing) {
            closing = true;
            reason = why;
        }
        cutting = true;
        if (!processing) {
            flush();
            cutNow();
        }
    }

    /** Ends the connection as a broken network does: nothing is said to the client, neither by TLS nor by WebSockets. */
    void reset(String why) {
        if (!closing) {
            closing = true;
            reason = why;
        }
        context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        context.pipeline().firstContext().close();
    }

    private void cutNow() {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** The gateway stops. May be called on any thread. */
    void shutDown() {
        context.executor().execute(connection::shutDown);
    }

    /** A client that does not take what it is told is not read from either. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean now = !ctx.channel().isWritable();
        if (now != unwritable) {
            unwritable = now;
            if (unwritable) {
                unwritableSince = System.nanoTime();
                pause();
            } else {
                flush();
                resume();
            }
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
        connection.gone(reason);
        ctx.fireChannelInactive();
    }

    /** Resets and TLS failures end a connection like any other; they are the client's doing. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (closing) {
            return;
        }
        var real = cause instanceof DecoderException && cause.getCause() instanceof MalformedFrameException malformed
                ? malformed
                : cause;
        if (real instanceof MalformedFrameException || real instanceof CorruptedWebSocketFrameException) {
            connection.violated(AmqpErrors.FRAMING, "the client sent " + real.getMessage());
        } else {
            cut("the connection failed: " + cause.getMessage());
        }
    }
}
