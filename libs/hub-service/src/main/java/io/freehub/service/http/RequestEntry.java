package io.freehub.service.http;

import io.freehub.service.LogKeys;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/**
 * What happens to every request before it is routed: it gets an id, its log context, the one spelling of its path, the
 * method it means, and a content type where the client left it out.
 */
@ApplicationScoped
class RequestEntry {

    static final String REQUEST_ID_HEADER = "x-ms-request-id";

    private static final String SEEN = RequestEntry.class.getName();
    private static final String METHOD_OVERRIDE_HEADER = "X-HTTP-Method-Override";
    private static final Pattern CORRELATION_ID = Pattern.compile("[A-Za-z0-9._|:+=/-]{1,128}");
    private static final Set<String> ABOUT_A_DEVICE = Set.of("devices", "twins", "digitaltwins");
    private static final int BEFORE_EVERYTHING = 1000;

    void register(@Observes Filters filters) {
        filters.register(this::enter, BEFORE_EVERYTHING);
    }

    /** Id of the request, as its answer and the log name it. */
    static String requestId(RoutingContext request) {
        return request.response().headers().get(REQUEST_ID_HEADER);
    }

    private void enter(RoutingContext request) {
        // Another spelling or method is routed anew, which leads here once more.
        if (request.get(SEEN) != null || request.request().path().startsWith("/q/")) {
            request.next();
            return;
        }
        request.put(SEEN, true);
        var requestId = UUID.randomUUID().toString();
        request.response().putHeader(REQUEST_ID_HEADER, requestId);
        var raw = Optional.ofNullable(request.request().path()).orElse("/");
        var path = RequestPath.parse(raw);
        MDC.put(LogKeys.CORRELATION_ID, correlationId(request).orElse(requestId));
        if (path.segments().size() > 1
                && ABOUT_A_DEVICE.contains(path.segments().getFirst())) {
            MDC.put(LogKeys.DEVICE_ID, path.segments().get(1));
        }
        assumeJson(request);
        var method = meantMethod(request);
        if (RequestPath.isCanonical(raw) && method.equals(request.request().method())) {
            request.next();
        } else {
            request.reroute(method, path.canonical());
        }
    }

    private static Optional<String> correlationId(RoutingContext request) {
        return Optional.ofNullable(request.request().getHeader("x-ms-client-request-id"))
                .or(() -> Optional.ofNullable(request.request().getHeader("Request-Id")))
                .filter(id -> CORRELATION_ID.matcher(id).matches());
    }

    /** Every body of this API is JSON, whatever the client calls it. */
    private static void assumeJson(RoutingContext request) {
        var type = request.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            request.request().headers().set(HttpHeaders.CONTENT_TYPE, "application/json; charset=utf-8");
        }
    }

    /** The Java SDK cannot send PATCH: it sends POST and says what it means. */
    private static HttpMethod meantMethod(RoutingContext request) {
        var method = request.request().method();
        var override = request.request().getHeader(METHOD_OVERRIDE_HEADER);
        return method.equals(HttpMethod.POST) && "PATCH".equalsIgnoreCase(override) ? HttpMethod.PATCH : method;
    }
}
