package io.freehub.twin.search;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** Lets so many work at a time; others wait for a while, in their order. */
final class Turns {

    private final Vertx vertx;
    private final int atATime;
    private final int atMostWaiting;
    private final Duration patience;
    private final Queue<Promise<Void>> waiting = new ArrayDeque<>();
    private int working;

    Turns(Vertx vertx, int atATime, int atMostWaiting, Duration patience) {
        this.vertx = vertx;
        this.atATime = atATime;
        this.atMostWaiting = atMostWaiting;
        this.patience = patience;
    }

    /** Does the work when it is its turn; fails with {@link HubError#THROTTLED} when that does not come. */
    <T> Future<T> take(Supplier<Future<T>> work) {
        return begin().compose(_ ->
                Future.<Void>succeededFuture().compose(_ -> work.get()).onComplete(_ -> end()));
    }

    private synchronized Future<Void> begin() {
        if (working < atATime) {
            working++;
            return Future.succeededFuture();
        }
        if (waiting.size() >= atMostWaiting) {
            return Future.failedFuture(busy());
        }
        Promise<Void> turn = Promise.promise();
        waiting.add(turn);
        var timer = vertx.setTimer(patience.toMillis(), _ -> giveUp(turn));
        return turn.future().onComplete(_ -> vertx.cancelTimer(timer));
    }

    private void giveUp(Promise<Void> turn) {
        boolean waited;
        synchronized (this) {
            waited = waiting.remove(turn);
        }
        if (waited) {
            turn.fail(busy());
        }
    }

    private void end() {
        Promise<Void> next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                working--;
            }
        }
        if (next != null) {
            next.complete();
        }
    }

    private static HubException busy() {
        return new HubException(HubError.THROTTLED, "too many queries are running, try again in a moment");
    }
}
