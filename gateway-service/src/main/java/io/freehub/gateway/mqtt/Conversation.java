package io.freehub.gateway.mqtt;

import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.KeptSubscriptions.Feed;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * All that a session says and hears beside telemetry: of its twin, of messages to it, of methods that are called. Used on
 * the event loop of the connection only.
 */
final class Conversation {

    /** SUBSCRIBEs that wait for another service before they are answered. */
    private static final int MAX_WAITING = 10;

    private final SessionLine line;
    private final IdentityTopics topics;
    private final KeptSession kept;

    // Each is of sessions that use it.
    private @Nullable TwinLink twin;
    private @Nullable MessageLink messages;
    private @Nullable MethodLink methods;

    private int waiting;

    Conversation(SessionLine line, IdentityTopics topics, KeptSession kept) {
        this.line = line;
        this.topics = topics;
        this.kept = kept;
    }

    /** The client subscribed in an earlier connection. */
    void resume(KeptSubscriptions subscriptions) {
        subscriptions.messages().ifPresent(qos -> messages().subscribe(qos));
        for (var feed : subscriptions.feeds()) {
            switch (feed) {
                case METHODS -> methods().subscribe();
                case TWIN_ANSWERS -> twin().wantAnswers();
                case DESIRED_PROPERTIES -> twin().observe();
            }
        }
    }

    /**
     * A PUBLISH that is no telemetry.
     *
     * @param request what is to be acknowledged; empty at QoS 0
     * @throws MalformedPacketException when nothing goes to the topic
     */
    void publish(String topic, ByteBuf payload, Optional<PublishOrder.Request> request) {
        if (MethodTopic.isAnswer(topic)) {
            methods().answered(MethodTopic.parse(topic), payload, request);
        } else {
            twin().publish(TwinTopic.parse(topic), payload, request);
        }
    }

    /**
     * Answers a SUBSCRIBE, once what it asks for is sure to be told.
     *
     * @param codes what becomes of each filter
     */
    void subscribe(int packetId, List<PacketHandler.Subscription> subscriptions, int[] codes) {
        if (waiting >= MAX_WAITING) {
            line.owner().end(HubError.THROTTLED, "more than " + MAX_WAITING + " SUBSCRIBEs wait for an answer");
            return;
        }
        var confirmations = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < codes.length; i++) {
            var filter = subscriptions.get(i).filter();
            if (filter.equals(TwinTopic.ANSWERS)) {
                twin().wantAnswers();
                kept.change(known -> known.with(Feed.TWIN_ANSWERS));
            } else if (filter.equals(TwinTopic.DESIRED)) {
                confirmations.add(twin().observe());
                kept.change(known -> known.with(Feed.DESIRED_PROPERTIES));
            } else if (filter.equals(MethodTopic.CALLS)) {
                confirmations.add(methods().subscribe());
                kept.change(known -> known.with(Feed.METHODS));
            } else if (topics.isMessages(filter)) {
                var qos = codes[i];
                messages().subscribe(qos);
                kept.change(known -> known.withMessages(Optional.of(qos)));
            }
        }
        waiting++;
        CompletableFuture.allOf(confirmations.toArray(CompletableFuture[]::new)).thenRun(() -> {
            waiting--;
            line.channel().write(Packets.suback(line.channel().allocator(), packetId, codes));
        });
    }

    /** The client hears no more of these. */
    void unsubscribe(List<String> filters) {
        for (var filter : filters) {
            if (twin != null && filter.equals(TwinTopic.ANSWERS)) {
                twin.wantNoAnswers();
                kept.change(known -> known.without(Feed.TWIN_ANSWERS));
            } else if (twin != null && filter.equals(TwinTopic.DESIRED)) {
                twin.unobserve();
                kept.change(known -> known.without(Feed.DESIRED_PROPERTIES));
            } else if (methods != null && filter.equals(MethodTopic.CALLS)) {
                methods.unsubscribe();
                kept.change(known -> known.without(Feed.METHODS));
            } else if (messages != null && topics.isMessages(filter)) {
                messages.unsubscribe();
                kept.change(known -> known.withMessages(Optional.empty()));
            }
        }
    }

    /** The client acknowledged a PUBLISH. */
    void acknowledged(int packetId) {
        if (messages != null) {
            messages.acknowledged(packetId);
        }
    }

    /** Takes what came for the session. */
    void deliver(Downlink downlink) {
        switch (downlink) {
            case Downlink.MessageDelivered delivered -> messages().deliver(delivered);
            case Downlink.MethodCalled called -> methods().call(called);
            case Downlink.MethodsAttached _ -> {
                if (methods != null) {
                    methods.attached();
                }
            }
            case Downlink.TwinAnswered _, Downlink.ObserveAnswered _, Downlink.DesiredChanged _ -> {
                if (twin != null) {
                    twin.deliver(downlink);
                }
            }
        }
    }

    /** The session is over. */
    void gone() {
        if (twin != null) {
            twin.unobserve();
        }
        if (messages != null) {
            messages.unsubscribe();
        }
        if (methods != null) {
            methods.gone();
        }
    }

    private TwinLink twin() {
        if (twin == null) {
            twin = new TwinLink(line);
        }
        return twin;
    }

    private MessageLink messages() {
        if (messages == null) {
            messages = new MessageLink(line);
        }
        return messages;
    }

    private MethodLink methods() {
        if (methods == null) {
            methods = new MethodLink(line);
        }
        return methods;
    }
}
