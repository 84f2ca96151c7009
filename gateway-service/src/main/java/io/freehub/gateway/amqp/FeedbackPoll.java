package io.freehub.gateway.amqp;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.command.CommandService;
import io.freehub.model.FeedbackDelivery;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.json.HubJson;
import io.quarkus.logging.Log;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Asks command-service for feedback on behalf of all links of this gateway, while any of them takes some, and gives each batch
 * to one of them in turn.
 */
@ApplicationScoped
class FeedbackPoll {

    /** Pause after an answer without a batch. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Vertx vertx;
    private final CommandService commands;
    private final Duration patience;
    private final Set<FeedbackOutlet> waiting = new LinkedHashSet<>();
    private boolean asking;

    FeedbackPoll(Vertx vertx, CommandService commands, GatewayConfig config) {
        this.vertx = vertx;
        this.commands = commands;
        this.patience = config.commands().timeout();
    }

    /** The link takes a batch. May be called on any thread, as all that follow. */
    void await(FeedbackOutlet outlet) {
        synchronized (this) {
            waiting.add(outlet);
            if (asking) {
                return;
            }
            asking = true;
        }
        ask();
    }

    /** The link takes none. */
    synchronized void leave(FeedbackOutlet outlet) {
        waiting.remove(outlet);
    }

    private void ask() {
        synchronized (this) {
            if (waiting.isEmpty()) {
                asking = false;
                return;
            }
        }
        commands.ask(List.of("internal", "feedback"), Buffer.buffer(), patience)
                .map(FeedbackPoll::batch)
                .onComplete(this::answered);
    }

    private static Optional<FeedbackDelivery> batch(CommandService.Answer answer) {
        return switch (answer.status()) {
            case 200 -> Optional.of(HubJson.read(answer.body().getBytes(), FeedbackDelivery.class));
            case 204 -> Optional.empty();
            default -> throw new IllegalStateException("command-service answered " + answer.status());
        };
    }

    private void answered(AsyncResult<Optional<FeedbackDelivery>> answer) {
        if (answer.succeeded() && answer.result().isPresent()) {
            give(answer.result().get());
            ask();
            return;
        }
        if (answer.failed()) {
            Log.debugf("no feedback: %s", answer.cause().toString());
        }
        vertx.setTimer(PAUSE.toMillis(), _ -> ask());
    }

    /** Gives a batch to the next link that takes one, or back when there is none. */
    void give(FeedbackDelivery batch) {
        var next = next();
        if (next.isPresent()) {
            next.get().offer(batch);
        } else {
            settle(batch.lockToken(), false);
        }
    }

    private synchronized Optional<FeedbackOutlet> next() {
        var first = waiting.stream().findFirst();
        first.ifPresent(waiting::remove);
        return first;
    }

    /**
     * Completes or abandons a batch. Fails with a {@link HubException}, {@link HubError#LOCK_LOST} when the lock is over; then
     * somebody has the batch again.
     */
    Future<Void> settle(String lockToken, boolean completed) {
        var path = List.of("internal", "feedback", lockToken, completed ? "completed" : "abandoned");
        return commands.ask(path, Buffer.buffer(), patience)
                .compose(answer -> answer.status() == 204
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(answer.refusal()
                                .orElseThrow(() ->
                                        new IllegalStateException("command-service answered " + answer.status()))))
                .onFailure(failure -> Log.debugf("feedback is not settled: %s", failure.toString()));
    }
}
