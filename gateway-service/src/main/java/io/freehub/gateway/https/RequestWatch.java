package io.freehub.gateway.https;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts a connection as long as it speaks HTTP, and closes it when no whole request comes for too long: a client that
 * sends a byte now and then is not idle, and holds it none the less.
 */
final class RequestWatch extends ChannelDuplexHandler {

    private final AtomicInteger connections;
    private final long patience;
    private boolean working;
    private boolean removed;
    private long since = System.nanoTime();

    RequestWatch(AtomicInteger connections, Duration patience) {
        this.connections = connections;
        this.patience = patience.toNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connections.incrementAndGet();
        look(ctx);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        removed = true;
        connections.decrementAndGet();
    }

    /** Looks again when the time could be over, rather than with a timer for each request. */
    private void look(ChannelHandlerContext ctx) {
        if (removed) {
            return;
        }
        long left = working ? patience : patience - (System.nanoTime() - since);
        if (left <= 0) {
            ctx.close();
        } else {
            ctx.executor().schedule(() -> look(ctx), left, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof LastHttpContent) {
            working = true;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent) {
            working = false;
            since = System.nanoTime();
        }
        ctx.write(message, promise);
    }
}
