package io.freehub.service.http;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.LogKeys;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.MDC;

/**
 * What happens to every request first: it gets an id, its log context, a content type where the client left it out, and
 * its end when it announces a body over the limit.
 */
@ApplicationScoped
class RequestEntry {

    static final String REQUEST_ID_HEADER = "x-ms-request-id";

    private static final Pattern CORRELATION_ID = Pattern.compile("[A-Za-z0-9._|:+=/-]{1,128}");
    private static final Set<String> ABOUT_A_DEVICE = Set.of("devices", "twins", "digitaltwins");
    private static final int BEFORE_EVERYTHING = 1000;
    private static final String OWN_PAGES = "/q/";

    private final ErrorMapper errors;
    private final long maxBody;

    RequestEntry(
            ErrorMapper errors,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size", defaultValue = "10M") MemorySize maxBody) {
        this.errors = errors;
        this.maxBody = maxBody.asLongValue();
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, BEFORE_EVERYTHING);
    }

    /** Id of the request, as its answer and the log name it. */
    static String requestId(RoutingContext request) {
        return request.response().headers().get(REQUEST_ID_HEADER);
    }

    private void enter(RoutingContext request) {
        var raw = Optional.ofNullable(request.request().path()).orElse("/");
        if (raw.startsWith(OWN_PAGES)) {
            request.next();
            return;
        }
        var requestId = UUID.randomUUID().toString();
        request.response().putHeader(REQUEST_ID_HEADER, requestId);
        MDC.put(LogKeys.CORRELATION_ID, correlationId(request).orElse(requestId));
        var path = RequestPath.parse(raw).segments();
        if (path.size() > 1 && ABOUT_A_DEVICE.contains(path.getFirst())) {
            MDC.put(LogKeys.DEVICE_ID, path.get(1));
        }
        if (contentLength(request) > maxBody) {
            errors.end(
                    request,
                    new HubException(HubError.MESSAGE_TOO_LARGE, "the body is larger than " + maxBody + " bytes"));
        } else {
            assumeJson(request);
            request.next();
        }
    }

    private static Optional<String> correlationId(RoutingContext request) {
        return Optional.ofNullable(request.request().getHeader("x-ms-client-request-id"))
                .or(() -> Optional.ofNullable(request.request().getHeader("Request-Id")))
                .filter(id -> CORRELATION_ID.matcher(id).matches());
    }

    private static long contentLength(RoutingContext request) {
        var length = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        // The server has already refused what is no number.
        return length == null ? 0 : Long.parseLong(length);
    }

    /** Every body of this API is JSON, whatever the client calls it. */
    private static void assumeJson(RoutingContext request) {
        var type = request.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            request.request().headers().set(HttpHeaders.CONTENT_TYPE, "application/json; charset=utf-8");
        }
    }
}
