package io.freehub.gateway.amqp;

import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.twin.Dialogue;
import io.freehub.model.Downlink;
import io.freehub.model.HubError;
import io.freehub.service.http.ErrorBody;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * What a device or module asks about its twin on one link, and hears on another. A request is accepted whatever becomes of
 * it, for the answer tells; one to hear of desired properties when nothing is missed any more, since the Java SDK looks no
 * further.
 *
 * <p>Source: the device SDKs, which put everything but the JSON into annotations.
 */
final class TwinLinks implements Dialogue.Client {

    /** The SDKs wait a minute at most for a session. */
    private static final Duration CONFIRMATION_PATIENCE = Duration.ofSeconds(60);

    // Operations, and the resources that they are of.
    private static final String GET = "GET ";
    private static final String REPORT = "PATCH /properties/reported";
    private static final String OBSERVE = "PUT /notifications/twin/properties/desired";
    private static final String UNOBSERVE = "DELETE /notifications/twin/properties/desired";

    private static final Symbol STATUS = Symbol.valueOf("status");
    private static final Symbol VERSION = Symbol.valueOf("version");
    private static final Symbol RESOURCE = Symbol.valueOf("resource");

    private final DeviceSession session;
    private final int most;
    private final Dialogue dialogue;
    private @Nullable TwinOutlet receiver;
    private @Nullable IncomingLink sender;

    TwinLinks(DeviceSession session) {
        this.session = session;
        var hub = session.hub();
        most = hub.config().maxTwinRequests();
        dialogue = new Dialogue(
                hub.twins(),
                session.address(),
                session.admitted().credentials().generationId(),
                most,
                hub.clock(),
                session.executor(),
                this);
    }

    /** A link that takes answers, and what is written of desired properties. */
    Outlet answers(OutgoingLink link) {
        return new TwinOutlet(link, this);
    }

    /** The link is open, and takes the place of any other. */
    void begun(TwinOutlet outlet) {
        if (receiver != null) {
            receiver.link().detach(AmqpErrors.stolen());
        }
        receiver = outlet;
    }

    void ended(TwinOutlet outlet) {
        if (receiver == outlet) {
            receiver = null;
            dialogue.unobserve();
        }
    }

    /** A link that brings requests. */
    Intake requests(IncomingLink link) {
        var allowance = new Allowance(link, most);
        return new Intake() {
            @Override
            public void begun() {
                if (sender != null) {
                    sender.detach(AmqpErrors.stolen());
                }
                sender = link;
                allowance.grant();
            }

            @Override
            public void take(Incoming message) {
                allowance.taken();
                asked(link, message, allowance);
            }

            @Override
            public void ended() {
                if (sender == link) {
                    sender = null;
                    dialogue.unobserve();
                }
            }
        };
    }

    private void asked(IncomingLink link, Incoming message, Allowance allowance) {
        Runnable accept = () -> {
            link.settle(message, Accepted.getInstance());
            allowance.done();
        };
        try {
            asked(DeviceRequest.read(message.encoded()), accept);
        } catch (DeviceMessage.UnacceptableException e) {
            link.settle(message, AmqpErrors.rejected(e.condition(), e.getMessage()));
            allowance.done();
        }
    }

    private void asked(DeviceRequest request, Runnable accept) {
        var id = request.correlationId().flatMap(CorrelationId::text);
        if (id.isEmpty()) {
            DeviceLog.info(
                    session.identity().toString(),
                    session.id(),
                    "twin request ignored reason=it has no id that could be given back");
            accept.run();
            return;
        }
        var operation = request.annotation("operation").orElse("") + " "
                + request.annotation("resource").orElse("");
        switch (operation) {
            case GET -> {
                accept.run();
                dialogue.get(id.get(), Optional.empty());
            }
            case REPORT -> {
                accept.run();
                dialogue.report(
                        id.get(), request.annotation("version"), ByteBuffer.wrap(request.body()), Optional.empty());
            }
            case OBSERVE ->
                dialogue.observe().thenRun(() -> {
                    accept.run();
                    answered(id.get(), 200, Optional.empty(), "");
                });
            case UNOBSERVE -> {
                accept.run();
                dialogue.unobserve();
                answered(id.get(), 200, Optional.empty(), "");
            }
            default -> {
                accept.run();
                refuse(id.get(), "there is no '" + AmqpErrors.shown(operation) + "' of a twin");
            }
        }
    }

    private void refuse(String id, String detail) {
        var error = HubError.BAD_REQUEST;
        answered(
                id,
                error.httpStatus(),
                Optional.empty(),
                ErrorBody.numbered(
                        error, detail, session.id(), session.hub().clock().instant()));
    }

    void deliver(Downlink downlink) {
        dialogue.deliver(downlink);
    }

    @Override
    public void answered(String requestId, int status, Optional<Long> version, String body) {
        var annotations = new HashMap<Symbol, Object>(Map.of(STATUS, status));
        version.ifPresent(number -> annotations.put(VERSION, number));
        var message = Proton.message();
        message.setCorrelationId(CorrelationId.parse(requestId));
        send(message, annotations, body);
    }

    @Override
    public void changed(long version, String body) {
        send(Proton.message(), Map.of(RESOURCE, "/properties/desired", VERSION, version), body);
    }

    private void send(Message message, Map<Symbol, Object> annotations, String body) {
        // Who has no link to hear on does not want to.
        if (receiver != null) {
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            message.setMessageAnnotations(new MessageAnnotations(annotations));
            message.setBody(new Data(new Binary(bytes)));
            receiver.tell(Encoding.of(message, bytes.length));
        }
    }

    @Override
    public CompletableFuture<Void> confirmation() {
        var confirmation = new CompletableFuture<Void>();
        var timer = session.schedule(
                () -> end(HubError.SERVICE_UNAVAILABLE, "a subscription was not confirmed in time"),
                CONFIRMATION_PATIENCE);
        confirmation.thenRun(() -> timer.cancel(false));
        return confirmation;
    }

    @Override
    public void end(HubError error, String reason) {
        session.end(error, reason);
    }
}
