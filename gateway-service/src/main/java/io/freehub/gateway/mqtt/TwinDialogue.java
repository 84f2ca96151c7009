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
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a session asks about its twin, and what it is told. Requests go to Kafka, answers come back for the session by its
 * id. Used on the event loop of the connection only.
 */
final class TwinDialogue {

    /** The session that this is of. */
    interface Owner {

        /** The request has been taken: its PUBACK can go out when it is its turn. */
        void taken(PublishOrder.Request request);

        void end(HubError error, String reason);
    }

    /** Which desired properties the client hears of. */
    private enum Observation {
        NONE,
        /** Those that are written once twin-service has said so. */
        ASKED,
        ALL
    }

    /** A SUBSCRIBE whose answer waits for that of twin-service. */
    private record Waiting(int packetId, int[] codes, long number) {}

    /** A request that went out. */
    private record Asked(String requestId, long nanos) {}

    private static final int MAX_WAITING = 10;

    /** The SDKs wait a minute at most for a SUBACK. */
    private static final Duration OBSERVE_PATIENCE = Duration.ofSeconds(60);

    /** A request without an answer counts no longer than this: the C SDK waits for 300 s, no other longer. */
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(300);

    /** Bytes that a client may leave unread, beyond what makes us read no more from it. */
    private static final long MAX_UNREAD = 1 << 20;

    private final MqttChannel channel;
    private final MqttEnvironment hub;
    private final SessionAddress address;
    private final String generationId;
    private final Owner owner;

    private boolean answersWanted;
    private Observation observation = Observation.NONE;
    private long lastNumber;
    private final List<Waiting> waiting = new ArrayList<>();

    /** Requests that have no answer yet; answers come in their order. */
    private final Deque<Asked> unanswered = new ArrayDeque<>();

    private long lastDesired;

    TwinDialogue(MqttChannel channel, MqttEnvironment hub, SessionAddress address, String generationId, Owner owner) {
        this.channel = channel;
        this.hub = hub;
        this.address = address;
        this.generationId = generationId;
        this.owner = owner;
    }

    /**
     * A PUBLISH that is no telemetry.
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

    /** Answers a SUBSCRIBE, now or when twin-service has said that nothing written from then on is missed. */
    void subscribe(int packetId, int[] codes, boolean answers, boolean desired) {
        answersWanted |= answers;
        if (!desired || observation == Observation.ALL) {
            channel.write(Packets.suback(channel.allocator(), packetId, codes));
        } else if (waiting.size() >= MAX_WAITING) {
            owner.end(HubError.THROTTLED, "more than " + MAX_WAITING + " SUBSCRIBEs wait for an answer");
        } else {
            if (observation == Observation.NONE) {
                observe();
            }
            waiting.add(new Waiting(packetId, codes, lastNumber));
        }
    }

    private void observe() {
        observation = Observation.ASKED;
        long number = ++lastNumber;
        send(
                new TwinRequest.Observe(
                        address, generationId, number, hub.clock().instant()),
                failure -> failure.ifPresent(reason ->
                        owner.end(HubError.SERVICE_UNAVAILABLE, "a subscription could not be stored: " + reason)));
        channel.schedule(
                () -> {
                    if (waiting.stream().anyMatch(subscribe -> subscribe.number() == number)) {
                        owner.end(HubError.SERVICE_UNAVAILABLE, "a subscription was not confirmed in time");
                    }
                },
                OBSERVE_PATIENCE.toNanos());
    }

    /** The client hears no more of this. */
    void unsubscribe(boolean answers, boolean desired) {
        answersWanted &= !answers;
        if (desired) {
            unobserve();
        }
    }

    /** The session is over. */
    void gone() {
        waiting.clear();
        unobserve();
    }

    private void unobserve() {
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
        waiting.removeIf(subscribe -> {
            boolean confirmed = subscribe.number() <= answer.number();
            if (confirmed) {
                channel.write(Packets.suback(channel.allocator(), subscribe.packetId(), subscribe.codes()));
            }
            return confirmed;
        });
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
        if (channel.unread() > MAX_UNREAD) {
            owner.end(HubError.CLOSED_REMOTELY, "the client does not read what it is told of its twin");
        } else {
            channel.write(Packets.publish(channel.allocator(), topic, body));
        }
    }
}
