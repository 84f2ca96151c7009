package io.freehub.gateway.https;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.identity.Admission;
import io.freehub.gateway.identity.AdmissionRules;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.identity.DeviceRegistry;
import io.freehub.gateway.identity.Proof;
import io.freehub.gateway.identity.Refusals;
import io.freehub.gateway.session.RefusalEvents;
import io.freehub.gateway.telemetry.Receipts;
import io.freehub.gateway.telemetry.TelemetryLog;
import io.freehub.model.Credentials;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.MessageProperties;
import io.freehub.model.SasToken;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Messages that devices and modules post, one or many in a request. Each request proves itself; it is answered when Kafka
 * has all that it brought, and nothing of one that is refused is stored. There is no session.
 */
@ApplicationScoped
class DeviceMessages {

    private final GatewayConfig.Https config;
    private final DeviceRegistry registry;
    private final AdmissionRules rules;
    private final Refusals refusals;
    private final RefusalEvents refusalEvents;
    private final TelemetryLog telemetry;
    private final MeterRegistry metrics;
    private final Clock clock = Clock.systemUTC();
    private final AtomicInteger working = new AtomicInteger();

    DeviceMessages(
            GatewayConfig config,
            DeviceRegistry registry,
            AdmissionRules rules,
            Refusals refusals,
            RefusalEvents refusalEvents,
            TelemetryLog telemetry,
            MeterRegistry metrics) {
        this.config = config.https();
        this.registry = registry;
        this.rules = rules;
        this.refusals = refusals;
        this.refusalEvents = refusalEvents;
        this.telemetry = telemetry;
        this.metrics = metrics;
        metrics.gauge("freehub.https.device.working", working);
    }

    void handle(HttpServerRequest request, Route.Events path) {
        try {
            check(request, path.identity());
            new Exchange(request, path.identity(), proof(request)).start();
        } catch (HubException e) {
            refuse(request, "", e.error(), e.getMessage(), e.getMessage());
        }
    }

    /** What can be refused without looking at who asks, and before a byte of the body is read. */
    private void check(HttpServerRequest request, IdentityId identity) {
        if (!request.method().equals(HttpMethod.POST)) {
            throw new HubException(HubError.METHOD_NOT_ALLOWED, "messages are sent by POST");
        }
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // The server has already refused what is no number.
        if (length != null && Long.parseLong(length) > MessageProperties.MAX_MESSAGE_SIZE) {
            throw tooLarge();
        }
        if (telemetry.isFull() || working.get() >= config.maxDeviceRequests()) {
            throw new HubException(HubError.SERVICE_UNAVAILABLE, "the hub is busy, try again later");
        }
        if (refusals.isJammed(host(request), identity.toString())) {
            throw new HubException(HubError.THROTTLED, "too many attempts failed, try again later");
        }
    }

    private static HubException tooLarge() {
        return new HubException(
                HubError.MESSAGE_TOO_LARGE, "the body is larger than " + MessageProperties.MAX_MESSAGE_SIZE + " bytes");
    }

    /** Clients that come with a certificate send no header, or a blank one. */
    private static Proof proof(HttpServerRequest request) {
        var proof = Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION))
                .map(String::strip)
                .filter(header -> !header.isEmpty())
                .<Proof>map(header -> new Proof.Token(SasToken.parse(header)))
                .orElseGet(() -> Proof.of(certificates(request)));
        if (proof instanceof Proof.Nothing) {
            throw new HubException(HubError.UNAUTHORIZED_ACCESS, "Authorization header missing");
        }
        return proof;
    }

    private static List<X509Certificate> certificates(HttpServerRequest request) {
        try {
            return request.connection().peerCertificates().stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    private static InetAddress host(HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channel().remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress()
                : InetAddress.getLoopbackAddress();
    }

    /** @param client {@code device} or {@code device/module}; empty when the path has no such ids */
    private void refuse(HttpServerRequest request, String client, HubError error, String detail, String reason) {
        count(error.wireName());
        DeviceLog.info(
                client,
                "",
                "request refused error=%s status=%d from=%s reason=%s"
                        .formatted(error.wireName(), error.httpStatus(), request.remoteAddress(), reason));
        Answers.refuseDevice(request, error, detail);
    }

    private void count(String outcome) {
        Counter.builder("freehub.https.device.requests")
                .description("Requests of devices by what became of them")
                .tag("outcome", outcome)
                .register(metrics)
                .increment();
    }

    /** One request, on its event loop. */
    private final class Exchange implements Receipts {

        private final HttpServerRequest request;
        private final ContextInternal context;
        private final IdentityId identity;
        private final Proof proof;
        private final Buffer body = Buffer.buffer();
        private long timer;
        private int waiting;
        private @Nullable Exception failure;
        private Optional<Refusals.Held> held = Optional.empty();
        private boolean over;

        private Exchange(HttpServerRequest request, IdentityId identity, Proof proof) {
            this.request = request;
            this.context = (ContextInternal) ((HttpServerRequestInternal) request).context();
            this.identity = identity;
            this.proof = proof;
        }

        void start() {
            working.incrementAndGet();
            var patience = config.deviceTimeout();
            timer = context.owner().setTimer(patience.toMillis(), _ -> timedOut());
            request.exceptionHandler(_ -> {
                // The client is gone, in the middle of its request.
                if (end()) {
                    count("gone");
                }
            });
            // Nothing is read from somebody unknown.
            request.pause();
            registry.findRecent(identity, clock.instant().plus(patience))
                    .onComplete(found -> context.runOnContext(_ -> decide(found)));
        }

        private void decide(AsyncResult<Optional<Credentials>> found) {
            if (over) {
                return;
            }
            if (found.failed()) {
                unavailable("the registry did not answer: " + found.cause().getMessage());
                return;
            }
            var now = clock.instant();
            switch (rules.decide(identity, proof, found.result(), now)) {
                case Admission.Admitted admitted -> {
                    refusals.succeeded(host(request), identity.toString());
                    read(admitted);
                }
                case Admission.Refused refused -> {
                    boolean missing = found.result().isEmpty()
                            && proof instanceof Proof.Token(var token)
                            && rules.isOfPolicy(identity, token, now);
                    if (missing || refused.error().mqtt() == HubError.Mqtt.REFUSE_UNAVAILABLE) {
                        refuse(refused, missing);
                    } else {
                        holdBack(refused);
                    }
                }
            }
        }

        private void holdBack(Admission.Refused refused) {
            refusalEvents.refused(
                    identity.toString(),
                    refused.error(),
                    refused.reason(),
                    request.remoteAddress().toString());
            var answer = refusals.failed(host(request), identity.toString());
            held = Optional.of(answer);
            if (answer.time().isZero()) {
                refuse(refused, false);
            } else {
                context.owner().setTimer(answer.time().toMillis(), _ -> refuse(refused, false));
            }
        }

        /**
         * To most a refusal says no more than that it is one: whether a device exists is not for who guesses. 403 is for
         * quotas alone, which is what SDKs report it as.
         */
        private void refuse(Admission.Refused refused, boolean missing) {
            if (missing || refused.error().httpStatus() >= 429) {
                refuse(refused.error(), refused.reason(), refused.reason());
            } else {
                refuse(
                        HubError.UNAUTHORIZED_ACCESS,
                        refused.error() == HubError.DEVICE_DISABLED ? refused.reason() : "Unauthorized",
                        refused.reason());
            }
        }

        private void read(Admission.Admitted admitted) {
            if (Answers.expectsContinue(request)) {
                request.response().writeContinue();
            }
            request.handler(this::received);
            request.endHandler(_ -> {
                if (!over) {
                    send(admitted);
                }
            });
            request.resume();
        }

        private void received(Buffer part) {
            if (over) {
                return;
            }
            if (body.length() + part.length() > MessageProperties.MAX_MESSAGE_SIZE) {
                refuse(tooLarge());
            } else {
                body.appendBuffer(part);
            }
        }

        private void send(Admission.Admitted admitted) {
            List<DeviceMessage> messages;
            try {
                messages = isBatch()
                        ? DeviceMessage.readBatch(body.getBytes())
                        : List.of(new DeviceMessage(MessageHeaders.read(request.headers()), body.getBytes()));
            } catch (HubException e) {
                refuse(e);
                return;
            }
            waiting = messages.size();
            if (messages.isEmpty()) {
                endOfBatch();
                return;
            }
            var sender = telemetry.sender(admitted, Optional.empty(), context.nettyEventLoop(), this);
            var now = clock.millis();
            messages.forEach(message -> sender.send(sender.headers(message.properties()), message.body(), now, 0));
        }

        private boolean isBatch() {
            var type = request.getHeader(HttpHeaders.CONTENT_TYPE);
            return type != null && type.split(";", 2)[0].strip().equalsIgnoreCase(DeviceMessage.BATCH_TYPE);
        }

        @Override
        public void confirmed(int packetId) {
            waiting--;
        }

        @Override
        public void failed(int packetId, Exception reason) {
            waiting--;
            failure = reason;
        }

        @Override
        public void endOfBatch() {
            if (over || waiting > 0) {
                return;
            }
            if (failure != null) {
                unavailable("a message could not be stored: " + failure.getMessage());
            } else if (end()) {
                count("accepted");
                var response = request.response();
                if (!response.closed()) {
                    response.setStatusCode(204).end();
                }
            }
        }

        private void timedOut() {
            unavailable("it was not done after " + config.deviceTimeout().toSeconds() + " s");
        }

        private void unavailable(String reason) {
            refuse(HubError.SERVICE_UNAVAILABLE, "the hub could not store the message in time, try again", reason);
        }

        private void refuse(HubException e) {
            refuse(e.error(), e.getMessage(), e.getMessage());
        }

        private void refuse(HubError error, String detail, String reason) {
            if (end()) {
                DeviceMessages.this.refuse(request, identity.toString(), error, detail, reason);
            }
        }

        /** Whether this was the end; whatever comes later changes nothing. */
        private boolean end() {
            if (over) {
                return false;
            }
            over = true;
            held.ifPresent(Refusals.Held::release);
            working.decrementAndGet();
            context.owner().cancelTimer(timer);
            return true;
        }
    }
}
