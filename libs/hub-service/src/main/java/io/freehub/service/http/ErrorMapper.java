package io.freehub.service.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.quarkus.logging.Log;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** The one place where a failure becomes an HTTP answer and a log line. */
@ApplicationScoped
class ErrorMapper {

    private static final String JSON = MediaType.APPLICATION_JSON + "; charset=utf-8";
    private static final String ERROR_CODE_HEADER = "iothub-errorcode";
    private static final String CONTENT_TYPE_HEADER = "Content-Type";

    /** What the server says, without a type of its own, when a chunked body passes the limit. */
    private static final String TOO_LARGE = "Request too large";

    private final Clock clock;

    ErrorMapper(Clock clock) {
        this.clock = clock;
    }

    @ServerExceptionMapper({Throwable.class, WebApplicationException.class, MismatchedInputException.class})
    Response answer(Throwable failure, RoutingContext request) {
        var known = known(failure, request);
        return Response.status(known.error().httpStatus())
                .header(ERROR_CODE_HEADER, known.error().wireName())
                .header(CONTENT_TYPE_HEADER, JSON)
                .entity(body(known, request))
                .build();
    }

    /** Answers a request that never gets to a resource, and closes its connection: the rest of it is not wanted. */
    void end(RoutingContext request, HubException failure) {
        var known = known(failure, request);
        request.response()
                .setStatusCode(known.error().httpStatus())
                .putHeader(ERROR_CODE_HEADER, known.error().wireName())
                .putHeader(CONTENT_TYPE_HEADER, JSON)
                .putHeader("Connection", "close")
                .end(body(known, request))
                .onComplete(_ -> request.request().connection().close());
    }

    private HubException known(Throwable failure, RoutingContext request) {
        var known = translate(failure, request)
                .orElseGet(() -> new HubException(
                        HubError.SERVER_ERROR, "the hub failed; its log says more under this tracking id", failure));
        log(known, request);
        return known;
    }

    private String body(HubException known, RoutingContext request) {
        return ErrorBody.of(
                        known.error(),
                        known.getMessage(),
                        RequestPath.parse(request.request().path()),
                        RequestEntry.requestId(request),
                        clock.instant())
                .json();
    }

    private static void log(HubException known, RoutingContext request) {
        var line = "request refused error=%s status=%d method=%s path=%s requestId=%s detail=%s"
                .formatted(
                        known.error().wireName(),
                        known.error().httpStatus(),
                        request.request().method(),
                        request.request().path(),
                        RequestEntry.requestId(request),
                        known.getMessage());
        if (known.error() == HubError.SERVER_ERROR) {
            Log.error(line, known.getCause());
        } else if (known.error().httpStatus() >= 500) {
            Log.warnf("%s cause=%s", line, known.getCause());
        } else {
            Log.info(line);
        }
    }

    private static Optional<HubException> translate(Throwable failure, RoutingContext request) {
        return switch (failure) {
            case HubException known -> Optional.of(known);
            case JsonProcessingException json -> Optional.of(badJson(json));
            case WebApplicationException http
            when http.getCause() instanceof JsonProcessingException json -> Optional.of(badJson(json));
            case IOException tooLarge when TOO_LARGE.equals(tooLarge.getMessage()) -> ofStatus(413, request);
            case WebApplicationException http -> ofStatus(http.getResponse().getStatus(), request);
            default -> Optional.empty();
        };
    }

    private static Optional<HubException> ofStatus(int status, RoutingContext request) {
        var what = request.request().method() + " " + request.request().path();
        return switch (status) {
            case 404 -> Optional.of(new HubException(HubError.NOT_FOUND, "there is nothing at " + what));
            case 405 -> Optional.of(new HubException(HubError.METHOD_NOT_ALLOWED, what + " is not offered"));
            case 413 -> Optional.of(new HubException(HubError.MESSAGE_TOO_LARGE, "the body is too large"));
            case 415 -> Optional.of(new HubException(HubError.INCOMPATIBLE_DATA_TYPE, "the body must be JSON"));
            default ->
                status >= 400 && status < 500
                        ? Optional.of(new HubException(HubError.BAD_REQUEST, "the request cannot be understood"))
                        : Optional.empty();
        };
    }

    /** Says where and what, without the text around it: Jackson's own message quotes the body, keys and all. */
    private static HubException badJson(JsonProcessingException failure) {
        var at = failure.getLocation() == null
                ? ""
                : " at line " + failure.getLocation().getLineNr() + ", column "
                        + failure.getLocation().getColumnNr();
        if (failure instanceof MismatchedInputException mismatch) {
            var expected = Optional.ofNullable(mismatch.getTargetType())
                    .map(ErrorMapper::jsonType)
                    .orElse("something else");
            return new HubException(
                    HubError.ARGUMENT_INVALID,
                    "the body does not fit" + at + ": " + path(mismatch) + " must be " + expected);
        }
        return new HubException(HubError.FORMAT_ERROR, "the body is not valid JSON" + at);
    }

    private static String path(JsonMappingException mismatch) {
        var path = new StringBuilder();
        for (var step : mismatch.getPath()) {
            path.append(step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName());
        }
        return path.isEmpty() ? "the whole" : path.toString().replaceFirst("^\\.", "");
    }

    private static String jsonType(Class<?> type) {
        if (type.isRecord() || Map.class.isAssignableFrom(type)) {
            return "an object";
        } else if (Iterable.class.isAssignableFrom(type) || type.isArray()) {
            return "an array";
        } else if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        } else if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "a number";
        } else {
            return "a text";
        }
    }
}
