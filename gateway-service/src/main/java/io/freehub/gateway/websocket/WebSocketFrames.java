package io.freehub.gateway.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Reads the frames of a client, masked and without extensions. No more of a frame is gathered than the client may send
 * at the time: few bytes from one that is not admitted.
 */
final class WebSocketFrames extends WebSocket13FrameDecoder {

    private final IntSupplier maxFrame;

    /**
     * @param longestFrame greatest payload, whoever the client is
     * @param maxFrame greatest payload at present
     */
    WebSocketFrames(int longestFrame, IntSupplier maxFrame) {
        super(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(true)
                .allowMaskMismatch(false)
                .allowExtensions(false)
                .maxFramePayloadLength(longestFrame)
                .closeOnProtocolViolation(true)
                .build());
        this.maxFrame = maxFrame;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        super.decode(ctx, in, out);
        // What stays, if nothing came out, is the beginning of one frame.
        if (out.isEmpty() && in.readableBytes() > maxFrame.getAsInt()) {
            in.skipBytes(in.readableBytes());
            throw new MalformedFrameException("a frame of more than " + maxFrame.getAsInt() + " bytes");
        }
    }
}
