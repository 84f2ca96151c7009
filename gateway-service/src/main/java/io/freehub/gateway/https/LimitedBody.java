package io.freehub.gateway.https;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/** A body that fails when it grows over the limit; what is over it reaches nobody. */
final class LimitedBody implements ReadStream<Buffer> {

    private final ReadStream<Buffer> body;
    private final long limit;
    private long length;
    private boolean over;
    private @Nullable Handler<Throwable> onFailure;

    LimitedBody(ReadStream<Buffer> body, long limit) {
        this.body = body;
        this.limit = limit;
    }

    /** Whether the body was too long. */
    boolean isOver() {
        return over;
    }

    @Override
    public LimitedBody handler(@Nullable Handler<Buffer> handler) {
        body.handler(
                handler == null
                        ? null
                        : buffer -> {
                            length += buffer.length();
                            if (length <= limit) {
                                handler.handle(buffer);
                            } else if (!over) {
                                over = true;
                                if (onFailure != null) {
                                    onFailure.handle(
                                            new IllegalStateException("the body is larger than " + limit + " bytes"));
                                }
                            }
                        });
        return this;
    }

    @Override
    public LimitedBody exceptionHandler(@Nullable Handler<Throwable> handler) {
        onFailure = handler;
        body.exceptionHandler(handler);
        return this;
    }

    @Override
    public LimitedBody endHandler(@Nullable Handler<Void> handler) {
        body.endHandler(
                handler == null
                        ? null
                        : end -> {
                            if (!over) {
                                handler.handle(end);
                            }
                        });
        return this;
    }

    @Override
    public LimitedBody pause() {
        body.pause();
        return this;
    }

    @Override
    public LimitedBody resume() {
        body.resume();
        return this;
    }

    @Override
    public LimitedBody fetch(long amount) {
        body.fetch(amount);
        return this;
    }
}
