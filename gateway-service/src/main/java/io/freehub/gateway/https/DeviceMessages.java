package io.freehub.gateway.https;

import io.freehub.gateway.identity.Admission;
import io.freehub.gateway.telemetry.Receipts;
import io.freehub.gateway.telemetry.TelemetryLog;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MessageProperties;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Messages that devices and modules post, one or many in a request. It is answered when Kafka has all that it brought, and
 * nothing of one that is refused is stored.
 */
@ApplicationScoped
class DeviceMessages {

    private final DeviceDoor door;
    private final TelemetryLog telemetry;
    private final Clock clock = Clock.systemUTC();

    DeviceMessages(DeviceDoor door, TelemetryLog telemetry) {
        this.door = door;
        this.telemetry = telemetry;
    }

    void handle(HttpServerRequest request, Route.Events path) {
        door.admit(request, path::identity, () -> {
            if (!request.method().equals(HttpMethod.POST)) {
                throw new HubException(HubError.METHOD_NOT_ALLOWED, "messages are sent by POST");
            }
            if (telemetry.isFull()) {
                throw DeviceDoor.busy();
            }
            return (exchange, admitted) -> new Posting(exchange, admitted).read();
        });
    }

    /** What one request brings, on its event loop. */
    private final class Posting implements Receipts {

        private final DeviceDoor.Exchange exchange;
        private final HttpServerRequest request;
        private final Admission.Admitted admitted;
        private final Buffer body = Buffer.buffer();
        private int waiting;
        private @Nullable Exception failure;

        private Posting(DeviceDoor.Exchange exchange, Admission.Admitted admitted) {
            this.exchange = exchange;
            this.request = exchange.request();
            this.admitted = admitted;
        }

        private void read() {
            request.handler(this::received);
            request.endHandler(_ -> {
                if (!exchange.isOver()) {
                    send();
                }
            });
            request.resume();
        }

        private void received(Buffer part) {
            if (exchange.isOver()) {
                return;
            }
            if (body.length() + part.length() > MessageProperties.MAX_MESSAGE_SIZE) {
                exchange.refuse(DeviceDoor.tooLarge());
            } else {
                body.appendBuffer(part);
            }
        }

        private void send() {
            List<DeviceMessage> messages;
            try {
                messages = isBatch()
                        ? DeviceMessage.readBatch(body.getBytes())
                        : List.of(new DeviceMessage(MessageHeaders.read(request.headers()), body.getBytes()));
            } catch (HubException e) {
                exchange.refuse(e);
                return;
            }
            waiting = messages.size();
            if (messages.isEmpty()) {
                endOfBatch();
                return;
            }
            var sender = telemetry.sender(
                    admitted, Optional.empty(), exchange.context().nettyEventLoop(), this);
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
            if (waiting > 0) {
                return;
            }
            if (failure != null) {
                exchange.unavailable("a message could not be stored: " + failure.getMessage());
            } else {
                exchange.done(
                        "accepted", () -> request.response().setStatusCode(204).end());
            }
        }
    }
}
