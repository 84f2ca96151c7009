package io.freehub.gateway.websocket;

import io.netty.channel.ChannelHandler;
import java.util.function.IntSupplier;

/** A protocol that clients speak over WebSockets. Each one is a bean; the door finds them all. */
public interface SubProtocol {

    /** Its name in {@code Sec-WebSocket-Protocol}, which clients may write in any case. */
    String name();

    /** Whether no further connection is taken now, which is counted as one refused. */
    boolean isFlooded();

    /** What handles a new connection. */
    End open();

    /**
     * The end of a connection.
     *
     * @param handler takes and writes the bytes in the frames as one stream
     * @param longestFrame greatest payload of a frame, in bytes: one that is announced longer ends the connection
     * @param maxFrame how much of a frame is gathered at present, in bytes
     */
    record End(ChannelHandler handler, int longestFrame, IntSupplier maxFrame) {}
}
