package io.freehub.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.HubError;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Body of an error answer. Clients read two forms, and each only where it expects it: the Node SDK wants
 * {@code ErrorCode:Name;text}, the Java SDK takes the number only from JSON inside {@code Message} and only beside an
 * empty {@code ExceptionMessage}.
 */
public record ErrorBody(
        @JsonProperty("Message") String message,
        @JsonProperty("ExceptionMessage") String exceptionMessage) {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<String> WITH_JSON_INSIDE = Set.of("twins", "digitaltwins");

    /**
     * The form for back ends.
     *
     * @param path decoded path of the request; its area decides on the form
     */
    public static ErrorBody of(HubError error, String detail, RequestPath path, String requestId, Instant now) {
        var trackingId = trackingId(requestId, now);
        boolean jsonInside = error.httpStatus() == 401
                || !path.segments().isEmpty()
                        && WITH_JSON_INSIDE.contains(path.segments().getFirst());
        return jsonInside
                ? new ErrorBody(Inner.of(error, detail, trackingId, now), "")
                : classic(error, detail, trackingId);
    }

    /** The form for devices, whatever the error. */
    public static ErrorBody forDevice(HubError error, String detail, String requestId, Instant now) {
        return classic(error, detail, trackingId(requestId, now));
    }

    /**
     * The form for devices that ask for their twins: JSON text of the number and the rest. The Node SDK takes an answer
     * for an error by its {@code errorCode} alone.
     */
    public static String numbered(HubError error, String detail, String requestId, Instant now) {
        return write(new Numbered(
                error.code(),
                trackingId(requestId, now),
                detail,
                now.truncatedTo(ChronoUnit.MILLIS).toString()));
    }

    private record Numbered(int errorCode, String trackingId, String message, String timestampUtc) {}

    private static ErrorBody classic(HubError error, String detail, String trackingId) {
        return new ErrorBody("ErrorCode:" + error.wireName() + ";" + detail, "Tracking ID:" + trackingId);
    }

    private static String trackingId(String requestId, Instant now) {
        return requestId + "-TimeStamp:" + now.truncatedTo(ChronoUnit.MILLIS);
    }

    /** The body as UTF-8 JSON. */
    public String json() {
        return write(this);
    }

    private static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }

    @JsonInclude
    private record Inner(
            int errorCode,
            String message,
            String trackingId,
            String timestampUtc,
            @Nullable String info) {
        static String of(HubError error, String detail, String trackingId, Instant now) {
            return write(new Inner(
                    error.code(),
                    detail,
                    trackingId,
                    now.truncatedTo(ChronoUnit.MILLIS).toString(),
                    null));
        }
    }
}
