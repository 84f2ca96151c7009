package io.freehub.gateway.twin;

import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.SessionAddress;
import io.freehub.model.TwinRequest;
import io.freehub.service.http.ErrorBody;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What a session asks about its twin, and what it is told, whatever it speaks. Requests go to Kafka, answers come back for
 * the session by its id. Used on the thread of the executor only.
 */
public final class Dialogue {

    /** The session as the dialogue sees it. */
    public interface Client {

        /**
         * A request is answered.
         *
         * @param requestId as the client gave it
         * @param status as of HTTP
         * @param version of the reported properties, after they were written
         * @param body JSON text, or nothing
         */
        void answered(String requestId, int status, Optional<Long> version, String body);

        /**
         * Desired properties were written.
         *
         * @param body JSON text
         */
        void changed(long version, String body);

        /** To be completed when an observation is confirmed; the session ends when that takes too long. */
        CompletableFuture<Void> confirmation();

        /** Ends the session. */
        void end(HubError error, String reason);
    }

    /** Which desired properties the client hears of. */
    private enum Observation {
        NONE,
        /** Those that are written once twin-service has said so. */
        ASKED,
        ALL
    }

    /** A request that went out. */
    private record Asked(String requestId, long nanos) {}

    /** A request without an answer counts no longer than this: the C SDK waits for 300 s, no other longer. */
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(300);

    private final TwinRequestLog log;
    private final SessionAddress address;
    private final String generationId;
    private final int maxUnanswered;
    private final InstantSource clock;
    private final Executor executor;
    private final Client client;

    private Observation observation = Observation.NONE;
    private long lastNumber;

    /** Observations that twin-service has not confirmed, by their numbers. */
    private final NavigableMap<Long, CompletableFuture<Void>> unconfirmed = new TreeMap<>();

    /** Requests that have no answer yet; answers come in their order. */
    private final Deque<Asked> unanswered = new ArrayDeque<>();

    private long lastDesired;

    /**
     * @param generationId which life of the identity opened the session
     * @param maxUnanswered requests that may be without an answer
     */
    public Dialogue(
            TwinRequestLog log,
            SessionAddress address,
            String generationId,
            int maxUnanswered,
            InstantSource clock,
            Executor executor,
            Client client) {
        this.log = log;
        this.address = address;
        this.generationId = generationId;
        this.maxUnanswered = maxUnanswered;
        this.clock = clock;
        this.executor = executor;
        this.client = client;
    }

    /**
     * The client asks for its twin.
     *
     * @param requestId the client's own
     * @param taken told once the request is sure to be answered; when it is there and that cannot be, the session ends and
     *     the client asks again. When it is empty, the client is answered that it did not work
     */
    public void get(String requestId, Optional<Runnable> taken) {
        if (isFree(requestId, taken)) {
            send(new TwinRequest.Get(address, generationId, requestId, clock.instant()), requestId, taken);
        }
    }

    /**
     * The client reports properties.
     *
     * @param requestId the client's own
     * @param version that they must have, as the client wrote it
     * @param taken as of {@link #get}
     */
    public void report(String requestId, Optional<String> version, ByteBuffer patch, Optional<Runnable> taken) {
        if (!isFree(requestId, taken)) {
            return;
        }
        int length = patch.remaining();
        if (length > TwinRequest.MAX_PATCH) {
            refuse(
                    requestId,
                    HubError.MESSAGE_TOO_LARGE,
                    "the patch has " + length + " bytes; it may have at most " + TwinRequest.MAX_PATCH,
                    taken);
            return;
        }
        try {
            var expected = version.map(Long::valueOf);
            var text = StandardCharsets.UTF_8.newDecoder().decode(patch).toString();
            send(
                    new TwinRequest.Report(address, generationId, requestId, text, expected, clock.instant()),
                    requestId,
                    taken);
        } catch (NumberFormatException e) {
            refuse(requestId, HubError.ARGUMENT_INVALID, "$version must be a whole number", taken);
        } catch (CharacterCodingException e) {
            refuse(requestId, HubError.FORMAT_ERROR, "the body is not valid UTF-8", taken);
        }
    }

    private boolean isFree(String requestId, Optional<Runnable> taken) {
        while (!unanswered.isEmpty() && System.nanoTime() - unanswered.peek().nanos() > ANSWER_PATIENCE.toNanos()) {
            unanswered.poll();
        }
        boolean free = unanswered.size() < maxUnanswered;
        if (!free) {
            refuse(requestId, HubError.THROTTLED, "more than " + maxUnanswered + " requests wait for an answer", taken);
        }
        return free;
    }

    private void send(TwinRequest request, String requestId, Optional<Runnable> taken) {
        var asked = new Asked(requestId, System.nanoTime());
        unanswered.add(asked);
        send(request, failure -> {
            if (failure.isEmpty()) {
                taken.ifPresent(Runnable::run);
            } else if (taken.isPresent()) {
                client.end(HubError.SERVICE_UNAVAILABLE, "a request could not be stored: " + failure.get());
            } else {
                unanswered.remove(asked);
                refuse(
                        requestId,
                        HubError.SERVICE_UNAVAILABLE,
                        "the request could not be stored, try again in a moment");
            }
        });
    }

    private void send(TwinRequest request, Consumer<Optional<Exception>> sent) {
        log.send(request, failure -> executor.execute(() -> sent.accept(failure)));
    }

    /** The client hears of desired properties: done when nothing written from then on is missed. */
    public CompletableFuture<Void> observe() {
        if (observation == Observation.NONE) {
            observation = Observation.ASKED;
            ask(++lastNumber);
        }
        return unconfirmed.getOrDefault(lastNumber, CompletableFuture.completedFuture(null));
    }

    private void ask(long number) {
        unconfirmed.put(number, client.confirmation());
        send(
                new TwinRequest.Observe(address, generationId, number, clock.instant()),
                failure -> failure.ifPresent(reason ->
                        client.end(HubError.SERVICE_UNAVAILABLE, "a subscription could not be stored: " + reason)));
    }

    /** The client hears no more of desired properties. */
    public void unobserve() {
        if (observation != Observation.NONE) {
            observation = Observation.NONE;
            // Should it get lost: what comes for a session that is gone goes nowhere.
            log.send(new TwinRequest.Unobserve(address, generationId, clock.instant()), _ -> {});
        }
    }

    /** Takes what came for the session. It may come again when a service ended after it was sent; then it is passed over. */
    public void deliver(Downlink downlink) {
        switch (downlink) {
            case Downlink.TwinAnswered answer -> {
                if (isAwaited(answer.requestId())) {
                    client.answered(answer.requestId(), answer.status(), answer.version(), answer.body());
                }
            }
            case Downlink.ObserveAnswered answer -> observed(answer);
            case Downlink.DesiredChanged change -> {
                if (observation == Observation.ALL && change.version() > lastDesired) {
                    lastDesired = change.version();
                    client.changed(change.version(), change.body());
                }
            }
            case Downlink.MessageDelivered _, Downlink.MethodsAttached _, Downlink.MethodCalled _ -> {}
        }
    }

    private boolean isAwaited(String requestId) {
        for (var asked = unanswered.iterator(); asked.hasNext(); ) {
            if (asked.next().requestId().equals(requestId)) {
                asked.remove();
                return true;
            }
        }
        return false;
    }

    private void observed(Downlink.ObserveAnswered answer) {
        if (answer.status() != 200) {
            client.end(HubError.SERVICE_UNAVAILABLE, "a subscription was refused with " + answer.status());
            return;
        }
        if (observation == Observation.ASKED && answer.number() == lastNumber) {
            observation = Observation.ALL;
        }
        var confirmed = unconfirmed.headMap(answer.number(), true);
        // What follows from one may look at the rest.
        var confirmations = List.copyOf(confirmed.values());
        confirmed.clear();
        confirmations.forEach(confirmation -> confirmation.complete(null));
    }

    private void refuse(String requestId, HubError error, String detail, Optional<Runnable> taken) {
        refuse(requestId, error, detail);
        taken.ifPresent(Runnable::run);
    }

    private void refuse(String requestId, HubError error, String detail) {
        client.answered(
                requestId,
                error.httpStatus(),
                Optional.empty(),
                ErrorBody.numbered(error, detail, address.session(), clock.instant()));
    }
}
