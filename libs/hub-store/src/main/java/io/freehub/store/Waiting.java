package io.freehub.store;

import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import java.util.function.Supplier;

/** Waits, on a thread that may, for what happens on an event loop. */
public final class Waiting {

    private Waiting() {}

    /**
     * What becomes of the work. Each call has a context of its own, and with it a transaction of its own.
     *
     * @throws RuntimeException what the work failed with
     */
    public static <T> T forIt(Supplier<Uni<T>> work) {
        try {
            return VertxContextSupport.subscribeAndAwait(work);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
