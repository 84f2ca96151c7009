package io.freehub.gateway.mqtt;

import io.freehub.gateway.identity.DeviceLog;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.SessionAddress;
import io.freehub.model.TwinRequest;
import io.freehub.service.http.ErrorBody;
import io.netty.buffer.ByteBuf;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What a session asks about its twin, and what it is told. Requests go to Kafka, answers come back for the session by its
 * id. Used on the event loop of the connection only.
 */
final class TwinDialogue {

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

    private final SessionLine line;
    private final MqttChannel channel;
    private final MqttEnvironment hub;
    private final SessionAddress address;
    private final String generationId;
    private final SessionLine.Owner owner;

    private boolean answersWanted;
    private Observation observation = Observation.NONE;
    private long lastNumber;

    /** Observations that twin-service has not confirmed, by their numbers. */
    private final NavigableMap<Long, CompletableFuture<Void>> unconfirmed = new TreeMap<>();

    /** Requests that have no answer yet; answers come in their order. */
    private final Deque<Asked> unanswered = new ArrayDeque<>();

    private long lastDesired;

    TwinDialogue(SessionLine line) {
        this.line = line;
        this.channel = line.channel();
        this.hub = line.hub();
        this.address = line.address();
        this.generationId = line.generationId();
        this.owner = line.owner();
    }

    /**
     * A request of the client.
     *
     * @param request what is to be acknowledged; empty at QoS 0
     */
    void publish(TwinTopic topic, ByteBuf payload, Optional<PublishOrder.Request> request) {
        if (topic.requestId().isEmpty()) {
            DeviceLog.info(
                    address.identity().toString(),
                    address.session(),
                    "twin request ignored reason=it has no id that could be given back");
            request.ifPresent(owner::taken);
            return;
        }
        var id = topic.requestId().get();
        if (isBusy()) {
            refuse(id, HubError.THROTTLED, "more than " + maxUnanswered() + " requests wait for an answer");
            request.ifPresent(owner::taken);
            return;
        }
        switch (topic.operation()) {
            case GET ->
                send(new TwinRequest.Get(address, generationId, id, hub.clock().instant()), id, request);
            case REPORT -> report(id, topic.version(), payload, request);
        }
    }

    private void report(String id, Optional<String> version, ByteBuf payload, Optional<PublishOrder.Request> request) {
        int length = payload.readableBytes();
        if (length > TwinRequest.MAX_PATCH) {
            refuse(
                    id,
                    HubError.MESSAGE_TOO_LARGE,
                    "the patch has " + length + " bytes; it may have at most " + TwinRequest.MAX_PATCH);
            request.ifPresent(owner::taken);
            return;
        }
        try {
            var expected = version.map(Long::valueOf);
            var patch = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(payload.nioBuffer())
                    .toString();
            send(
                    new TwinRequest.Report(
                            address,
                            generationId,
                            id,
                            patch,
                            expected,
                            hub.clock().instant()),
                    id,
                    request);
        } catch (NumberFormatException e) {
            refuse(id, HubError.ARGUMENT_INVALID, "$version must be a whole number");
            request.ifPresent(owner::taken);
        } catch (CharacterCodingException e) {
            refuse(id, HubError.FORMAT_ERROR, "the body is not valid UTF-8");
            request.ifPresent(owner::taken);
        }
    }

    private void send(TwinRequest twinRequest, String id, Optional<PublishOrder.Request> request) {
        var asked = new Asked(id, System.nanoTime());
        unanswered.add(asked);
        send(twinRequest, failure -> {
            if (failure.isEmpty()) {
                request.ifPresent(owner::taken);
            } else if (request.isPresent()) {
                owner.end(HubError.SERVICE_UNAVAILABLE, "a request could not be stored: " + failure.get());
            } else {
                unanswered.remove(asked);
                refuse(id, HubError.SERVICE_UNAVAILABLE, "the request could not be stored, try again in a moment");
            }
        });
    }

    private void send(TwinRequest request, Consumer<Optional<Exception>> sent) {
        hub.twins().send(request, failure -> channel.executor().execute(() -> sent.accept(failure)));
    }

    private int maxUnanswered() {
        return hub.config().maxTwinRequests();
    }

    private boolean isBusy() {
        while (!unanswered.isEmpty() && System.nanoTime() - unanswered.peek().nanos() > ANSWER_PATIENCE.toNanos()) {
            unanswered.poll();
        }
        return unanswered.size() >= maxUnanswered();
    }

    /** The client hears answers from now on. */
    void wantAnswers() {
        answersWanted = true;
    }

    /** The client hears no more answers. */
    void wantNoAnswers() {
        answersWanted = false;
    }

    /** The client hears of desired properties: done when nothing written from then on is missed. */
    CompletableFuture<Void> observe() {
        if (observation == Observation.NONE) {
            observation = Observation.ASKED;
            ask(++lastNumber);
        }
        return unconfirmed.getOrDefault(lastNumber, CompletableFuture.completedFuture(null));
    }

    private void ask(long number) {
        unconfirmed.put(number, line.confirmation());
        send(
                new TwinRequest.Observe(
                        address, generationId, number, hub.clock().instant()),
                failure -> failure.ifPresent(reason ->
                        owner.end(HubError.SERVICE_UNAVAILABLE, "a subscription could not be stored: " + reason)));
    }

    /** The client hears no more of desired properties. */
    void unobserve() {
        if (observation != Observation.NONE) {
            observation = Observation.NONE;
            // Should it get lost: what comes for a session that is gone goes nowhere.
            hub.twins()
                    .send(
                            new TwinRequest.Unobserve(
                                    address, generationId, hub.clock().instant()),
                            _ -> {});
        }
    }

    /** Takes what came for the session. It may come again when a service ended after it was sent; then it is passed over. */
    void deliver(Downlink downlink) {
        switch (downlink) {
            case Downlink.TwinAnswered answer -> {
                if (isAwaited(answer.requestId()) && answersWanted) {
                    write(TwinTopic.answer(answer.status(), answer.requestId(), answer.version()), answer.body());
                }
            }
            case Downlink.ObserveAnswered answer -> observed(answer);
            case Downlink.DesiredChanged change -> {
                if (observation == Observation.ALL && change.version() > lastDesired) {
                    lastDesired = change.version();
                    write(TwinTopic.desired(change.version()), change.body());
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
            owner.end(HubError.SERVICE_UNAVAILABLE, "a subscription was refused with " + answer.status());
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

    private void refuse(String requestId, HubError error, String detail) {
        if (answersWanted) {
            write(
                    TwinTopic.answer(error.httpStatus(), requestId, Optional.empty()),
                    ErrorBody.numbered(
                            error, detail, address.session(), hub.clock().instant()));
        }
    }

    private void write(String topic, String body) {
        if (line.isRead("what it is told of its twin")) {
            channel.write(Packets.publish(channel.allocator(), topic, 0, body.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
