package io.freehub.gateway.https;

import io.freehub.gateway.GatewayConfig;
import io.freehub.gateway.identity.Admission;
import io.freehub.gateway.identity.AdmissionRules;
import io.freehub.gateway.identity.DeviceLog;
import io.freehub.gateway.identity.DeviceRegistry;
import io.freehub.gateway.identity.Proof;
import io.freehub.gateway.identity.Refusals;
import io.freehub.gateway.session.RefusalEvents;
import io.freehub.model.Credentials;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.MessageProperties;
import io.freehub.model.SasToken;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpHeaders;
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
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Lets requests of devices and modules in: each proves itself, there is no session. What is not done in time, or would be
 * one too many, is refused.
 */
@ApplicationScoped
class DeviceDoor {

    private final GatewayConfig.Https config;
    private final DeviceRegistry registry;
    private final AdmissionRules rules;
    private final Refusals refusals;
    private final RefusalEvents refusalEvents;
    private final MeterRegistry metrics;
    private final Clock clock = Clock.systemUTC();
    private final AtomicInteger working = new AtomicInteger();

    /** What becomes of a request that was let in. */
    interface Work {

        /** Does it, on the event loop of the request, which is paused. */
        void begin(Exchange exchange, Admission.Admitted admitted);
    }

    DeviceDoor(
            GatewayConfig config,
            DeviceRegistry registry,
            AdmissionRules rules,
            Refusals refusals,
            RefusalEvents refusalEvents,
            MeterRegistry metrics) {
        this.config = config.https();
        this.registry = registry;
        this.rules = rules;
        this.refusals = refusals;
        this.refusalEvents = refusalEvents;
        this.metrics = metrics;
        metrics.gauge("freehub.https.device.working", working);
    }

    /**
     * Begins the work when the request has proved to be of that identity.
     *
     * @param identity that the path names; may throw what is said of a path that names none
     * @param work itself may look at the request first, and throw what it is refused with
     */
    void admit(HttpServerRequest request, Supplier<IdentityId> identity, Supplier<Work> work) {
        try {
            var claimed = identity.get();
            var toDo = work.get();
            check(request, claimed);
            new Exchange(request, claimed, proof(request), toDo).start();
        } catch (HubException e) {
            refuse(request, "", e.error(), e.getMessage(), e.getMessage());
        }
    }

    /** What can be refused without looking at who asks, and before a byte of the body is read. */
    private void check(HttpServerRequest request, IdentityId identity) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // The server has already refused what is no number.
        if (length != null && Long.parseLong(length) > MessageProperties.MAX_MESSAGE_SIZE) {
            throw tooLarge();
        }
        if (working.get() >= config.maxDeviceRequests()) {
            throw busy();
        }
        if (refusals.isJammed(host(request), identity.toString())) {
            throw new HubException(HubError.THROTTLED, "too many attempts failed, try again later");
        }
    }

    static HubException busy() {
        return new HubException(HubError.SERVICE_UNAVAILABLE, "the hub is busy, try again later");
    }

    static HubException tooLarge() {
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

    /** One request, on its event loop. It is answered once; whatever comes later changes nothing. */
    final class Exchange {

        private final HttpServerRequest request;
        private final ContextInternal context;
        private final IdentityId identity;
        private final Proof proof;
        private final Work work;
        private long timer;
        private Optional<Refusals.Held> held = Optional.empty();
        private boolean over;

        private Exchange(HttpServerRequest request, IdentityId identity, Proof proof, Work work) {
            this.request = request;
            this.context = (ContextInternal) ((HttpServerRequestInternal) request).context();
            this.identity = identity;
            this.proof = proof;
            this.work = work;
        }

        private void start() {
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
                    if (Answers.expectsContinue(request)) {
                        request.response().writeContinue();
                    }
                    work.begin(this, admitted);
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
                // It is decided: the answer keeps its own time, however little is left for work.
                context.owner().cancelTimer(timer);
                timer = context.owner().setTimer(answer.time().toMillis(), _ -> refuse(refused, false));
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

        HttpServerRequest request() {
            return request;
        }

        ContextInternal context() {
            return context;
        }

        IdentityId identity() {
            return identity;
        }

        /** Whether it is answered, or nobody waits for an answer any more. */
        boolean isOver() {
            return over;
        }

        private void timedOut() {
            unavailable("it was not done after " + config.deviceTimeout().toSeconds() + " s");
        }

        /** @param reason for the log */
        void unavailable(String reason) {
            refuse(HubError.SERVICE_UNAVAILABLE, "the hub could not do it in time, try again", reason);
        }

        void refuse(HubException e) {
            refuse(e.error(), e.getMessage(), e.getMessage());
        }

        private void refuse(HubError error, String detail, String reason) {
            if (end()) {
                DeviceDoor.this.refuse(request, identity.toString(), error, detail, reason);
            }
        }

        /**
         * It is done: gives the answer, unless it has one.
         *
         * @param outcome for the metrics
         */
        void done(String outcome, Runnable answer) {
            if (end()) {
                count(outcome);
                if (!request.response().closed()) {
                    answer.run();
                }
            }
        }

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
