package io.freehub.gateway.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/** Between frames and the bytes of a protocol, which know nothing of each other's limits; nothing is copied. */
final class WebSocketBytes extends ChannelDuplexHandler {

    private boolean closing;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
            return;
        }
        switch (message) {
            case BinaryWebSocketFrame frame -> bytes(ctx, frame);
            case ContinuationWebSocketFrame frame -> bytes(ctx, frame);
            case PingWebSocketFrame ping -> ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
            case CloseWebSocketFrame close -> {
                closing = true;
                ctx.writeAndFlush(close);
                ctx.close();
            }
            case TextWebSocketFrame text -> {
                text.release();
                farewell(ctx, WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
                ctx.fireExceptionCaught(new MalformedFrameException("a text frame, the protocol goes in binary ones"));
            }
            // A pong answers nothing that was asked; the end of the HTTP request may come here too.
            default -> ReferenceCountUtil.release(message);
        }
    }

    /** The frame's reference to its content becomes that of the next handler. */
    private static void bytes(ChannelHandlerContext ctx, WebSocketFrame frame) {
        ctx.fireChannelRead(frame.content());
    }

    /** Nothing is no frame: an empty buffer is written only to learn when all before it is gone. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ctx.write(
                message instanceof ByteBuf bytes && bytes.isReadable() ? new BinaryWebSocketFrame(bytes) : message,
                promise);
    }

    /** Says goodbye without waiting for an answer. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        farewell(ctx, WebSocketCloseStatus.NORMAL_CLOSURE);
        ctx.close(promise);
    }

    /** The decoder has told the client already. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        closing |= cause instanceof CorruptedWebSocketFrameException;
        ctx.fireExceptionCaught(cause);
    }

    private void farewell(ChannelHandlerContext ctx, WebSocketCloseStatus status) {
        if (!closing) {
            closing = true;
            ctx.writeAndFlush(new CloseWebSocketFrame(status));
        }
    }
}
