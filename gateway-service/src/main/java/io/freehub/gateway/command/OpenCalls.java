package io.freehub.gateway.command;

import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.MethodReply;
import io.freehub.model.SessionAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Calls of direct methods that a session has and has not answered. One that was not answered in time is forgotten, as is its
 * caller's patience. Used on the thread of the executor only.
 */
public final class OpenCalls {

    /** Who waits for an answer, and how long. */
    private record Caller(int replyTo, Instant until) {}

    private final CommandLog log;
    private final SessionAddress address;
    private final Attachment attachment;
    private final int most;
    private final InstantSource clock;
    private final Executor executor;

    /** By the ids of the calls. */
    private final Map<String, Caller> callers = new HashMap<>();

    /**
     * @param attachment to those who call
     * @param most calls that the session may have unanswered
     */
    public OpenCalls(
            CommandLog log,
            SessionAddress address,
            Attachment attachment,
            int most,
            InstantSource clock,
            Executor executor) {
        this.log = log;
        this.address = address;
        this.attachment = attachment;
        this.most = most;
        this.clock = clock;
        this.executor = executor;
    }

    /** The session takes calls. */
    public void attach() {
        attachment.attach();
    }

    /** The session takes no more calls; those under way can still be answered. */
    public void detach() {
        attachment.detach();
    }

    /**
     * A method is called.
     *
     * @return whether the device is to hear of it; otherwise its caller was told, or waits no more
     */
    public boolean open(Downlink.MethodCalled called) {
        var now = clock.instant();
        callers.values().removeIf(caller -> caller.until().isBefore(now));
        if (called.until().isBefore(now) || callers.containsKey(called.call())) {
            return false;
        }
        if (!attachment.isWanted()) {
            log.undeliverable(called);
            return false;
        }
        if (callers.size() >= most) {
            log.undelivered(called, HubError.TOO_MANY_METHOD_CALLS);
            return false;
        }
        callers.put(called.call(), new Caller(called.replyTo(), called.until()));
        return true;
    }

    /**
     * The device has answered. An answer that comes again, too late or to nothing goes nowhere.
     *
     * @param status the device's own
     * @param done told on the thread of the executor, or at once, whether Kafka has taken what there was to be told
     */
    public void answer(String call, int status, byte[] payload, Consumer<Optional<Exception>> done) {
        var caller = Optional.ofNullable(callers.remove(call))
                .filter(waiting -> !waiting.until().isBefore(clock.instant()));
        if (caller.isEmpty()) {
            done.accept(Optional.empty());
            return;
        }
        log.reply(
                address.identity(),
                caller.get().replyTo(),
                payload.length > MethodReply.MAX_PAYLOAD
                        ? new MethodReply.Undelivered(call, HubError.MESSAGE_TOO_LARGE)
                        : new MethodReply.Answered(call, status, payload),
                failure -> executor.execute(() -> done.accept(failure)));
    }
}
