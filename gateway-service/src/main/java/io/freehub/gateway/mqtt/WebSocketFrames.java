package io.freehub.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Reads the frames of a client, masked and without extensions. No more of a frame is gathered than the longest packet
 * that the client may send at the time: few bytes from one that is not admitted.
 */
final class WebSocketFrames extends WebSocket13FrameDecoder {

    private static final WebSocketDecoderConfig CONFIG = WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .allowMaskMismatch(false)
            .allowExtensions(false)
            .maxFramePayloadLength(PacketReader.MAX_HEADER + MqttSession.MAX_PACKET)
            .closeOnProtocolViolation(true)
            .build();

    private final IntSupplier maxPacket;

    WebSocketFrames(IntSupplier maxPacket) {
        super(CONFIG);
        this.maxPacket = maxPacket;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        super.decode(ctx, in, out);
        // What stays, if nothing came out, is the beginning of one frame.
        if (out.isEmpty() && in.readableBytes() > maxPacket.getAsInt()) {
            in.skipBytes(in.readableBytes());
            throw new MalformedPacketException("a frame of more than " + maxPacket.getAsInt() + " bytes");
        }
    }
}
