package io.freehub.command.method;

import io.freehub.command.CommandConfig;
import io.freehub.command.receiver.Receiver;
import io.freehub.command.receiver.Receivers;
import io.freehub.command.registry.Registry;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.MethodCall;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.Topic;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Calls of direct methods that are under way on this replica, in memory: a call lives no longer than its caller waits. All
 * that happens to calls happens on one event loop, so there is nothing to lock.
 */
@ApplicationScoped
class Calls {

    /** Receivers that are looked for with one query. */
    private static final int MANY = 1000;

    /** A query for receivers that takes longer has failed. */
    private static final Duration TO_FIND = Duration.ofSeconds(5);

    private final HubKafka kafka;
    private final Receivers receivers;
    private final Registry registry;
    private final CallMetrics metrics;
    private final Clock clock;
    private final Vertx vertx;
    private final CommandConfig.Methods config;
    private final int ordinal;
    private final Context context;
    private final AtomicInteger underWay = new AtomicInteger();

    /** By id; for the event loop only, as all below. */
    private final Map<String, Call> calls = new HashMap<>();

    private final Map<IdentityId, Set<Call>> byIdentity = new HashMap<>();
    /** Those whose receivers are to be looked for at once. */
    private final Set<Call> toLookFor = new LinkedHashSet<>();
    /** Those whose devices are not online. */
    private final Set<Call> waiting = new LinkedHashSet<>();

    private boolean looking;
    private boolean polling;

    private volatile boolean stopping;
    private volatile @Nullable CallSender sender;
    private volatile @Nullable TopicReader<MethodReply> reader;

    /** A call that somebody waits for. */
    private static final class Call {

        private final String id = UUID.randomUUID().toString().replace("-", "");
        private final IdentityId identity;
        private final MethodCall asked;
        private final UniEmitter<? super MethodAnswer> caller;
        private final long begun = System.nanoTime();
        /** The registry has such a device or module. */
        private boolean known;
        /** When it was sent; empty while the device is not online. */
        private Optional<Long> sent = Optional.empty();

        private Optional<Long> timer = Optional.empty();

        private Call(IdentityId identity, MethodCall asked, UniEmitter<? super MethodAnswer> caller) {
            this.identity = identity;
            this.asked = asked;
            this.caller = caller;
        }

        private boolean mayWait() {
            return System.nanoTime() - begun < asked.connectTimeout().toNanos();
        }
    }

    Calls(
            HubKafka kafka,
            Receivers receivers,
            Registry registry,
            CallMetrics metrics,
            CommandConfig config,
            Clock clock,
            Vertx vertx) {
        this.kafka = kafka;
        this.receivers = receivers;
        this.registry = registry;
        this.metrics = metrics;
        this.clock = clock;
        this.vertx = vertx;
        this.config = config.methods();
        this.ordinal = config.ordinal();
        this.context = vertx.getOrCreateContext();
    }

    void start(@Observes StartupEvent event) {
        start();
        metrics.underWay(underWay::get);
    }

    /** Requests that are under way hold up the end of the service, so their callers are told before. */
    void stopping(@Observes ShutdownDelayInitiatedEvent event) {
        giveUp();
    }

    void stop(@Observes @Priority(1) ShutdownEvent event) {
        stop();
    }

    /** Begins to hear answers; no call is taken before. */
    void start() {
        sender = new CallSender(kafka, "freehub-method-calls-" + ordinal, config.sendTimeout(), config.maxCalls());
        reader = TopicReader.start(
                kafka,
                Topic.METHOD_REPLIES,
                ordinal,
                (reply, _) -> reply.ifPresent(came -> context.runOnContext(_ -> replied(came))));
    }

    /** Answers every caller that the service stops. */
    void giveUp() {
        stopping = true;
        context.runOnContext(_ -> List.copyOf(calls.values()).forEach(call -> fail(call, stops())));
    }

    void stop() {
        giveUp();
        Optional.ofNullable(reader).ifPresent(TopicReader::close);
        Optional.ofNullable(sender).ifPresent(CallSender::close);
    }

    /** Whether answers are being heard. */
    boolean isAlive() {
        return Optional.ofNullable(reader).filter(TopicReader::isAlive).isPresent();
    }

    /** How many are under way. */
    int count() {
        return underWay.get();
    }

    /** Calls the method; what fails is told as a {@link HubException}. Nobody waits for the answer once this is cancelled. */
    Uni<MethodAnswer> call(IdentityId identity, MethodCall asked) {
        return Uni.createFrom().emitter(caller -> {
            if (underWay.incrementAndGet() > config.maxCalls()) {
                underWay.decrementAndGet();
                refuse(
                        caller,
                        new HubException(
                                HubError.THROTTLED,
                                config.maxCalls() + " calls of methods are under way, try again in a moment"));
                return;
            }
            var call = new Call(identity, asked, caller);
            caller.onTermination(() -> context.runOnContext(_ -> hungUp(call)));
            context.runOnContext(_ -> begin(call));
        });
    }

    private void refuse(UniEmitter<?> caller, HubException why) {
        metrics.failed(why.error());
        caller.fail(why);
    }

    private void begin(Call call) {
        calls.put(call.id, call);
        var ofIdentity = byIdentity.computeIfAbsent(call.identity, _ -> new HashSet<>());
        ofIdentity.add(call);
        if (stopping) {
            fail(call, stops());
        } else if (ofIdentity.size() > config.maxCallsOfDevice()) {
            fail(call, tooMany(config.maxCallsOfDevice() + " calls of '" + call.identity + "' are under way"));
        } else {
            toLookFor.add(call);
            look();
        }
    }

    /** One query at a time: calls that come meanwhile share the next one. */
    private void look() {
        if (looking || toLookFor.isEmpty()) {
            return;
        }
        looking = true;
        var these = toLookFor.stream().limit(MANY).toList();
        these.forEach(toLookFor::remove);
        receivers
                .newest(
                        Link.METHODS,
                        these.stream().map(call -> call.identity).distinct().toList())
                .ifNoItem()
                .after(TO_FIND)
                .failWith(() -> new HubException(
                        HubError.SERVICE_UNAVAILABLE, "the hub's database does not answer, try again in a moment"))
                .subscribe()
                .with(
                        found -> context.runOnContext(_ -> looked(these, found)),
                        failure -> context.runOnContext(_ -> notLooked(these, failure)));
    }

    private void looked(List<Call> these, Map<IdentityId, Receiver> found) {
        looking = false;
        for (var call : these) {
            if (isUnderWay(call)) {
                Optional.ofNullable(found.get(call.identity))
                        .ifPresentOrElse(receiver -> send(call, receiver), () -> notOnline(call));
            }
        }
        look();
    }

    private void notLooked(List<Call> these, Throwable failure) {
        looking = false;
        for (var call : these) {
            if (isUnderWay(call)) {
                if (call.known && call.mayWait()) {
                    await(call);
                } else {
                    fail(call, failure);
                }
            }
        }
        look();
    }

    private void send(Call call, Receiver receiver) {
        long unanswered = byIdentity.get(call.identity).stream()
                .filter(other -> other.sent.isPresent())
                .count();
        if (unanswered >= receiver.window()) {
            fail(call, tooMany("'" + call.identity + "' has " + unanswered + " calls that it has not answered"));
            return;
        }
        var timeout = call.asked.responseTimeout();
        call.sent = Optional.of(System.nanoTime());
        call.timer = Optional.of(vertx.setTimer(
                timeout.toMillis(),
                _ -> context.runOnContext(_ -> fail(
                        call,
                        new HubException(
                                HubError.GATEWAY_TIMEOUT, "Timed out waiting for the response from device.")))));
        Optional.ofNullable(sender)
                .orElseThrow()
                .send(new Downlink.MethodCalled(
                        receiver.address(),
                        call.id,
                        ordinal,
                        call.asked.method(),
                        call.asked.payload(),
                        clock.instant().plus(timeout)))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        context.runOnContext(_ -> fail(
                                call,
                                new HubException(
                                        HubError.SERVICE_UNAVAILABLE,
                                        "the hub cannot send the call, try again in a moment",
                                        failure)));
                    }
                });
    }

    /** Before a caller waits or is told so, the registry is asked whether there is anything to wait for. */
    private void notOnline(Call call) {
        if (!call.known) {
            registry.generation(call.identity)
                    .subscribe()
                    .with(
                            _ -> context.runOnContext(_ -> {
                                call.known = true;
                                notOnline(call);
                            }),
                            failure -> context.runOnContext(_ -> fail(call, failure)));
        } else if (call.mayWait()) {
            await(call);
        } else {
            fail(call, new HubException(HubError.DEVICE_NOT_ONLINE, "Timed out waiting for device to connect."));
        }
    }

    private void await(Call call) {
        if (isUnderWay(call)) {
            waiting.add(call);
            poll();
        }
    }

    /** All that wait are looked for together. */
    private void poll() {
        if (!polling) {
            polling = true;
            vertx.setTimer(
                    config.pollInterval().toMillis(),
                    _ -> context.runOnContext(_ -> {
                        polling = false;
                        toLookFor.addAll(waiting);
                        waiting.clear();
                        look();
                    }));
        }
    }

    private void replied(MethodReply reply) {
        var call = calls.get(reply.call());
        if (call == null || call.sent.isEmpty()) {
            // Nobody waits for it any more.
            return;
        }
        switch (reply) {
            case MethodReply.Answered answered -> answered(call, answered);
            case MethodReply.Undelivered undelivered -> {
                switch (undelivered.error()) {
                    case DEVICE_NOT_ONLINE -> {
                        takeBack(call);
                        notOnline(call);
                    }
                    case MESSAGE_TOO_LARGE -> fail(call, tooLarge());
                    default ->
                        fail(call, tooMany("'" + call.identity + "' has as many calls as it may have unanswered"));
                }
            }
        }
    }

    private void answered(Call call, MethodReply.Answered answered) {
        metrics.roundTrip(Duration.ofNanos(System.nanoTime() - call.sent.orElseThrow()));
        if (answered.payload().length > MethodReply.MAX_PAYLOAD) {
            fail(call, tooLarge());
            return;
        }
        MethodJson.payload(answered.payload())
                .ifPresentOrElse(
                        payload -> {
                            if (end(call)) {
                                metrics.answered();
                                call.caller.complete(new MethodAnswer(answered.status(), payload));
                            }
                        },
                        // The method has run: an error that no client takes for a reason to call again by itself.
                        () -> fail(
                                call,
                                new HubException(
                                        HubError.BAD_REQUEST,
                                        "the device has answered with status " + answered.status()
                                                + " and a payload that is not valid JSON")));
    }

    private void takeBack(Call call) {
        call.timer.ifPresent(vertx::cancelTimer);
        call.timer = Optional.empty();
        call.sent = Optional.empty();
    }

    private void hungUp(Call call) {
        if (end(call)) {
            metrics.hungUp();
        }
    }

    private void fail(Call call, Throwable failure) {
        if (end(call)) {
            if (failure instanceof HubException known) {
                metrics.failed(known.error());
            } else {
                Log.error("call of a method failed", failure);
                metrics.failed(HubError.SERVER_ERROR);
            }
            call.caller.fail(failure);
        }
    }

    /** Forgets the call; false when it had ended before. */
    private boolean end(Call call) {
        if (calls.remove(call.id) == null) {
            return false;
        }
        byIdentity.computeIfPresent(call.identity, (_, these) -> {
            these.remove(call);
            return these.isEmpty() ? null : these;
        });
        toLookFor.remove(call);
        waiting.remove(call);
        takeBack(call);
        underWay.decrementAndGet();
        return true;
    }

    private boolean isUnderWay(Call call) {
        return calls.containsKey(call.id);
    }

    private static HubException tooMany(String what) {
        return new HubException(HubError.TOO_MANY_METHOD_CALLS, what);
    }

    private static HubException tooLarge() {
        return new HubException(
                HubError.MESSAGE_TOO_LARGE,
                "the device has answered with more than " + MethodReply.MAX_PAYLOAD + " bytes");
    }

    private static HubException stops() {
        return new HubException(HubError.SERVICE_UNAVAILABLE, "the hub is being restarted, try again in a moment");
    }
}
