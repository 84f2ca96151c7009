package io.freehub.gateway.https;

import io.freehub.model.HubError;
import io.freehub.service.http.ErrorBody;
import io.freehub.service.http.RequestPath;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import java.time.Clock;
import java.util.UUID;

/** Answers of the door itself, in the words that clients read. */
final class Answers {

    static final String JSON = "application/json; charset=utf-8";
    static final String REQUEST_ID = "x-ms-request-id";
    static final String ERROR_CODE = "iothub-errorcode";

    /** How long, in milliseconds, the rest of a refused body is read and thrown away. */
    private static final long LINGER = 2000;

    private Answers() {}

    /** Refuses a request of a back end, or of who knows whom. */
    static void refuse(HttpServerRequest request, HubError error, String detail) {
        var requestId = UUID.randomUUID().toString();
        var path = RequestPath.parse(request.path());
        send(
                request,
                error,
                ErrorBody.of(error, detail, path, requestId, Clock.systemUTC().instant()),
                requestId);
    }

    /** Refuses a request of a device. */
    static void refuseDevice(HttpServerRequest request, HubError error, String detail) {
        var requestId = UUID.randomUUID().toString();
        send(
                request,
                error,
                ErrorBody.forDevice(error, detail, requestId, Clock.systemUTC().instant()),
                requestId);
    }

    private static void send(HttpServerRequest request, HubError error, ErrorBody body, String requestId) {
        var response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(error.httpStatus())
                .putHeader(ERROR_CODE, error.wireName())
                .putHeader(REQUEST_ID, requestId)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        if (request.isEnded() || !hasBody(request)) {
            response.end(body.json());
        } else {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE).end(body.json());
            closeGently(request);
        }
    }

    /** Whether the client sends its body only when it is told to go on. */
    static boolean expectsContinue(HttpServerRequest request) {
        return "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
    }

    /** Whether the client sends a body, or has announced to. */
    static boolean hasBody(HttpServerRequest request) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) || length != null && !length.equals("0");
    }

    /**
     * Closes the connection of an answered request whose body is not wanted, but reads on for a moment: closed with bytes
     * unread it would be reset, and a client that still sends would never see the answer.
     */
    static void closeGently(HttpServerRequest request) {
        var vertx = ((HttpServerRequestInternal) request).context().owner();
        long timer = vertx.setTimer(LINGER, _ -> request.connection().close());
        request.exceptionHandler(_ -> {
            // The client closed first.
        });
        request.handler(_ -> {
            // Nobody wants it.
        });
        request.endHandler(_ -> {
            vertx.cancelTimer(timer);
            request.connection().close();
        });
        request.resume();
    }
}
