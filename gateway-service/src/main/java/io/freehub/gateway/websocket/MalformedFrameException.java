package io.freehub.gateway.websocket;

/** A client sent a frame that cannot carry the protocol; the text says what it sent. */
public final class MalformedFrameException extends RuntimeException {

    MalformedFrameException(String what) {
        super(what);
    }
}
