package io.freehub.gateway.https;

import io.freehub.gateway.https.Route.DeviceBound;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.Disposition;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.PercentCoding;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Messages to a device that it asks for, one in a request, and settles. A module may ask as well; there are none for it.
 *
 * <p>Source: IoT Hub REST, "Receive", "Complete", "Abandon Device Bound Notification".
 */
@ApplicationScoped
class DeviceBoundMessages {

    /** The C# SDK writes the second when it abandons. */
    private static final List<String> CONDITIONS = List.of("If-Match", "IfMatch");

    /** The Java SDK writes the second. */
    private static final List<String> REJECT = List.of("reject", "?reject");

    private final DeviceDoor door;
    private final DeviceQueues queues;

    DeviceBoundMessages(DeviceDoor door, DeviceQueues queues) {
        this.door = door;
        this.queues = queues;
    }

    void handle(HttpServerRequest request, DeviceBound path) {
        door.admit(request, path::identity, () -> {
            if (path.rest().isEmpty()) {
                require(request, HttpMethod.GET, "messages are received by GET");
                return (exchange, _) -> onceRead(exchange, () -> receive(exchange));
            }
            var lockToken = path.rest().getFirst();
            var disposition = disposition(request, path);
            requireMatch(request, lockToken);
            return (exchange, _) -> onceRead(exchange, () -> settle(exchange, lockToken, disposition));
        });
    }

    private static Disposition disposition(HttpServerRequest request, DeviceBound path) {
        if (path.isAbandon()) {
            require(request, HttpMethod.POST, "a message is abandoned by POST");
            return Disposition.ABANDONED;
        }
        require(request, HttpMethod.DELETE, "a message is completed or rejected by DELETE");
        return isReject(request) ? Disposition.REJECTED : Disposition.COMPLETED;
    }

    private static void require(HttpServerRequest request, HttpMethod method, String rule) {
        if (!request.method().equals(method)) {
            throw new HubException(HubError.METHOD_NOT_ALLOWED, rule);
        }
    }

    private static boolean isReject(HttpServerRequest request) {
        return Stream.ofNullable(request.query())
                .flatMap(query -> Arrays.stream(query.split("&")))
                .map(item -> PercentCoding.decode(item.split("=", 2)[0]))
                .anyMatch(REJECT::contains);
    }

    /** The token in the path decides; a condition must not contradict it. */
    private static void requireMatch(HttpServerRequest request, String lockToken) {
        CONDITIONS.stream()
                .flatMap(name -> Stream.ofNullable(request.getHeader(name)))
                .map(condition -> condition.strip().replace("\"", ""))
                .filter(condition -> !condition.equals(lockToken) && !condition.equals("*"))
                .findFirst()
                .ifPresent(_ -> {
                    throw new HubException(
                            HubError.PRECONDITION_FAILED, "If-Match has another lock token than the path");
                });
    }

    /** The body of such a request means nothing; there may be one. */
    private static void onceRead(DeviceDoor.Exchange exchange, Runnable act) {
        exchange.request().handler(_ -> {});
        exchange.request().endHandler(_ -> {
            if (!exchange.isOver()) {
                act.run();
            }
        });
        exchange.request().resume();
    }

    private void receive(DeviceDoor.Exchange exchange) {
        var device = exchange.identity().device();
        var received = exchange.identity().isModule()
                ? Future.succeededFuture(Optional.<DeviceBoundMessage>empty())
                : queues.receive(device);
        onAnswer(exchange, received, message -> {
            message.filter(_ ->
                            exchange.isOver() || exchange.request().response().closed())
                    .ifPresent(lost -> queues.settle(device, lost.lockToken(), Disposition.ABANDONED));
            exchange.done(
                    message.isPresent() ? "delivered" : "empty",
                    () -> message.ifPresentOrElse(
                            found -> answer(exchange.request(), device, found), () -> nothing(exchange.request())));
        });
    }

    private static void answer(HttpServerRequest request, DeviceId device, DeviceBoundMessage message) {
        var response = request.response();
        DeliveryHeaders.of(device, message).forEach(response::putHeader);
        response.end(Buffer.buffer(message.body()));
    }

    private void settle(DeviceDoor.Exchange exchange, String lockToken, Disposition disposition) {
        var settled = exchange.identity().isModule()
                ? Future.<Void>failedFuture(DeviceQueues.lockLost())
                : queues.settle(exchange.identity().device(), lockToken, disposition);
        onAnswer(exchange, settled, _ -> exchange.done("settled", () -> nothing(exchange.request())));
    }

    private static void nothing(HttpServerRequest request) {
        request.response().setStatusCode(204).end();
    }

    private static <T> void onAnswer(DeviceDoor.Exchange exchange, Future<T> answer, Consumer<T> then) {
        answer.onComplete(result -> exchange.context().runOnContext(_ -> take(exchange, result, then)));
    }

    private static <T> void take(DeviceDoor.Exchange exchange, AsyncResult<T> answer, Consumer<T> then) {
        if (answer.succeeded()) {
            then.accept(answer.result());
        } else if (answer.cause() instanceof HubException refused) {
            exchange.refuse(refused);
        } else {
            exchange.unavailable("command-service: " + answer.cause().getMessage());
        }
    }
}
