package io.freehub.gateway.amqp;

import io.freehub.gateway.command.Attachment;
import io.freehub.gateway.identity.Admission;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.identity.Proof;
import io.freehub.gateway.session.Session;
import io.freehub.model.AuthMethod;
import io.freehub.model.Credentials;
import io.freehub.model.DeviceStatus;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SessionAddress;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.vertx.core.AsyncResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.qpid.proton.engine.Link;
import org.jspecify.annotations.Nullable;

/**
 * The session of a device or module on a connection that others may share: from its first link to its last. Its links wait
 * until it is admitted; when it ends they are detached, and nobody else's.
 */
final class DeviceSession implements Session {

    private static final String MODEL_ID = "com.microsoft:model-id";
    private static final String CLIENT_VERSION = "com.microsoft:client-version";

    /** Timers are set for no longer; what ends later is looked at again. */
    private static final Duration LONGEST_TIMER = Duration.ofHours(1);

    /** Links that wait for the registry; SDKs attach no more than six. */
    private static final int MAX_WAITING = 32;

    /** Links of one session at a time. */
    private static final int MAX_LINKS = 32;

    private final AmqpConnection connection;
    private final AmqpEnvironment hub;
    private final IdentityId identity;
    private final Proof proof;
    private final String id;
    private final List<Waiting> waiting = new ArrayList<>();
    private final Set<LinkEnd> links = new HashSet<>();
    private final Conversation conversation = new Conversation(this);
    private boolean identityFresh = true;
    private Optional<String> modelId = Optional.empty();
    private Admission.@Nullable Admitted admitted;
    private Instant until = Instant.MAX;
    private @Nullable Future<?> timer;
    private boolean ended;

    /** @param others whom the link may be for if this one is not there */
    private record Waiting(Link link, DeviceNode node, List<IdentityId> others) {}

    DeviceSession(AmqpConnection connection, IdentityId identity, Proof proof) {
        this.connection = connection;
        this.hub = connection.hub();
        this.identity = identity;
        this.proof = proof;
        this.id = hub.sessions().newId();
    }

    @Override
    public IdentityId identity() {
        return identity;
    }

    @Override
    public String id() {
        return id;
    }

    AmqpEnvironment hub() {
        return hub;
    }

    EventExecutor executor() {
        return connection.channel().executor();
    }

    Future<?> schedule(Runnable task, Duration after) {
        return connection.channel().schedule(task, after);
    }

    /** Where what is for the session goes. */
    SessionAddress address() {
        return new SessionAddress(identity, id, hub.sessions().gateway().ordinal());
    }

    /** What it says and hears beside telemetry; only of a session that was let in. */
    Conversation conversation() {
        return conversation;
    }

    /** What tells the log whether the session receives. */
    Attachment attachment(ReceiverEvent.Link link, int window) {
        return new Attachment(
                hub.commands(),
                address(),
                admitted().credentials().generationId(),
                hub.sessions().gateway().incarnation(),
                link,
                window,
                executor(),
                reason -> end(HubError.SERVICE_UNAVAILABLE, "a link could not be announced: " + reason.getMessage()));
    }

    /** Why it was let in; only of a session that was. */
    Admission.Admitted admitted() {
        if (admitted == null) {
            throw new IllegalStateException("the session is not open");
        }
        return admitted;
    }

    /** Whether a token of a policy opened it. */
    boolean isByPolicy() {
        return admitted != null && admitted.method() == AuthMethod.HUB_SAS;
    }

    /** The model that the client announced with its first link. */
    Optional<String> modelId() {
        return modelId;
    }

    /** The client wants a link. */
    void attach(Link link, DeviceNode node, List<IdentityId> others) {
        if (links.size() >= MAX_LINKS) {
            connection.refuse(link, HubError.QUOTA_EXCEEDED, "more than " + MAX_LINKS + " links of " + identity);
        } else if (admitted != null) {
            connection.open(link, node, this);
        } else if (waiting.size() >= MAX_WAITING) {
            connection.refuse(link, HubError.SERVICE_UNAVAILABLE, "too many links wait");
        } else {
            waiting.add(new Waiting(link, node, others));
            if (waiting.size() == 1) {
                join();
            }
        }
    }

    private void join() {
        if (hub.refusals().isJammed(connection.channel().remoteHost(), identity.toString())) {
            hub.metrics().jammed();
            answerRefused(new Admission.Refused(HubError.THROTTLED, "too many attempts failed, try again later"));
            return;
        }
        hub.sessions().join(this);
        lookUp(hub.clock().instant().plus(hub.config().admissionTimeout()));
    }

    private void lookUp(Instant deadline) {
        identityFresh = true;
        hub.registry()
                .findRecent(identity, deadline)
                .onComplete(found -> connection.channel().executor().execute(() -> decide(deadline, found)));
    }

    private void decide(Instant deadline, AsyncResult<Optional<Credentials>> found) {
        if (ended) {
            return;
        }
        if (found.failed()) {
            leave();
            hub.metrics().refused(HubError.SERVICE_UNAVAILABLE);
            answerRefused(new Admission.Refused(
                    HubError.SERVICE_UNAVAILABLE,
                    "the registry did not answer: " + found.cause().getMessage()));
            return;
        }
        if (!identityFresh) {
            lookUp(deadline);
            return;
        }
        switch (hub.rules().decide(identity, proof, found.result(), hub.clock().instant())) {
            case Admission.Admitted entrant -> open(entrant);
            case Admission.Refused refused -> {
                leave();
                if (found.result().isEmpty()
                        && waiting.stream().anyMatch(one -> !one.others().isEmpty())) {
                    attachOthers(refused);
                } else if (refused.error() == HubError.SERVICE_UNAVAILABLE) {
                    hub.metrics().refused(refused.error());
                    answerRefused(refused);
                } else {
                    connection
                            .tokens()
                            .refuse(
                                    identity.toString(),
                                    refused.error(),
                                    refused.reason(),
                                    _ -> answerRefused(refused));
                }
            }
        }
    }

    private void attachOthers(Admission.Refused refused) {
        waiting.forEach(one -> {
            if (one.others().isEmpty()) {
                connection.refuse(one.link(), shown(refused), "");
            } else {
                connection.attach(one.link(), one.node(), one.others());
            }
        });
        waiting.clear();
    }

    private void leave() {
        ended = true;
        hub.sessions().leave(this);
        connection.ended(this);
    }

    private void answerRefused(Admission.Refused refused) {
        ended = true;
        connection.ended(this);
        var shown = shown(refused);
        waiting.forEach(one -> connection.refuse(one.link(), shown, shown == refused.error() ? refused.reason() : ""));
        waiting.clear();
    }

    /** Who has no token of a policy is told no more than that it may not. */
    private HubError shown(Admission.Refused refused) {
        return switch (refused.error()) {
            case SERVICE_UNAVAILABLE, THROTTLED -> refused.error();
            default ->
                proof instanceof Proof.Token(var token)
                                && hub.rules()
                                        .isOfPolicy(identity, token, hub.clock().instant())
                        ? refused.error()
                        : HubError.UNAUTHORIZED;
        };
    }

    private void open(Admission.Admitted entrant) {
        admitted = entrant;
        until = entrant.until();
        var first = waiting.getFirst().link();
        modelId = property(first, MODEL_ID);
        connection.proved();
        hub.metrics().admitted();
        hub.refusals().succeeded(connection.channel().remoteHost(), identity.toString());
        hub.sessions().opened(this, entrant.credentials().generationId(), modelId);
        DeviceLog.info(
                identity.toString(),
                id,
                "session opened transport=amqp/%s auth=%s from=%s client=%s"
                        .formatted(
                                connection.channel().transport(),
                                entrant.method(),
                                connection.channel().remoteAddress(),
                                property(first, CLIENT_VERSION).orElse("")));
        watch();
        waiting.forEach(one -> {
            if (LinkEnd.isAwaited(one.link())) {
                connection.open(one.link(), one.node(), this);
            }
        });
        waiting.clear();
        if (links.isEmpty()) {
            end(HubError.CLOSED_REMOTELY, "it has no link");
        }
        connection.flush();
    }

    private static Optional<String> property(Link link, String name) {
        return LinkEnd.property(link, name).map(AmqpErrors::shown);
    }

    /** A further proof was brought: the session may go on that much longer. */
    void renew(Instant further) {
        if (admitted != null && !ended) {
            until = further;
            watch();
        }
    }

    private void watch() {
        if (timer != null) {
            timer.cancel(false);
        }
        if (ended || until.equals(Instant.MAX)) {
            return;
        }
        var left = Duration.between(hub.clock().instant(), until);
        if (left.isNegative()) {
            end(HubError.UNAUTHORIZED, "Token Invalid: the token expired");
        } else {
            timer = connection
                    .channel()
                    .schedule(this::watch, (left.compareTo(LONGEST_TIMER) < 0 ? left : LONGEST_TIMER).plusMillis(1));
        }
    }

    /** One more link is open. */
    void opened(LinkEnd link) {
        links.add(link);
    }

    /** A link is gone. */
    void ended(LinkEnd link) {
        if (links.remove(link) && links.isEmpty() && waiting.isEmpty()) {
            over("its last link was detached");
        }
    }

    @Override
    public void registryChanged(RegistryEvent event) {
        connection.channel().executor().execute(() -> {
            identityFresh = false;
            switch (event) {
                case RegistryEvent.Created _ -> {
                    // A look-up under way is repeated; an open session is of an older device, whose end is another
                    // event.
                }
                case RegistryEvent.Updated updated -> {
                    if (updated.status() == DeviceStatus.DISABLED) {
                        end(HubError.DEVICE_DISABLED, "the device was disabled");
                    } else {
                        proveAgain();
                    }
                }
                case RegistryEvent.Deleted _ -> end(HubError.DEVICE_NOT_FOUND, "the device was deleted");
            }
        });
    }

    /** The identity was written: perhaps it has other keys, and what opened the session would not any more. */
    private void proveAgain() {
        if (admitted == null || ended) {
            return;
        }
        var shown =
                connection.tokens().of(identity).<Proof>map(Proof.Token::new).orElse(proof);
        hub.registry()
                .findRecent(identity, hub.clock().instant().plus(hub.config().admissionTimeout()))
                .onComplete(found -> executor().execute(() -> provedAgain(shown, found)));
    }

    private void provedAgain(Proof shown, AsyncResult<Optional<Credentials>> found) {
        if (found.failed()) {
            DeviceLog.info(
                    identity.toString(),
                    id,
                    "session goes on unproved reason=" + found.cause().getMessage());
        } else if (hub.rules()
                                .decide(
                                        identity,
                                        shown,
                                        found.result(),
                                        hub.clock().instant())
                        instanceof Admission.Refused refused
                && refused.error() != HubError.SERVICE_UNAVAILABLE) {
            end(refused.error(), refused.reason());
        }
    }

    @Override
    public void deliver(Downlink downlink) {
        executor().execute(() -> {
            if (ended) {
                hub.commands().undeliverable(downlink);
            } else {
                conversation.deliver(downlink);
            }
        });
    }

    @Override
    public void close(HubError error, String reason) {
        connection.channel().executor().execute(() -> end(error, reason));
    }

    /** Detaches the links of the session; the connection and the others on it go on. */
    void end(HubError error, String reason) {
        if (admitted != null && !ended) {
            over(error.wireName() + ": " + reason);
            var why = AmqpErrors.ofEnd(error, reason);
            List.copyOf(links).forEach(link -> link.detach(why));
        }
    }

    /** The connection is gone. */
    void gone(String reason) {
        if (admitted == null) {
            if (!ended) {
                leave();
            }
        } else {
            over(reason);
        }
    }

    private void over(String reason) {
        if (!ended) {
            ended = true;
            if (timer != null) {
                timer.cancel(false);
            }
            connection.ended(this);
            hub.sessions().closed(this, reason);
            DeviceLog.info(identity.toString(), id, "session closed reason=" + reason);
        }
    }
}
