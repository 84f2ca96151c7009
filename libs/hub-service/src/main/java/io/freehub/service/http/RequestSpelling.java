package io.freehub.service.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** Brings path and method into the one spelling that resources are matched by. */
@Provider
@PreMatching
class RequestSpelling implements ContainerRequestFilter {

    private static final String METHOD_OVERRIDE_HEADER = "X-HTTP-Method-Override";

    @Context
    RoutingContext request;

    @Override
    public void filter(ContainerRequestContext context) {
        // The Java SDK cannot send PATCH: it sends POST and says what it means.
        if (context.getMethod().equals("POST")
                && HttpMethod.PATCH.name().equalsIgnoreCase(context.getHeaderString(METHOD_OVERRIDE_HEADER))) {
            context.setMethod(HttpMethod.PATCH.name());
        }
        var raw = request.request().path();
        if (!RequestPath.isCanonical(raw)) {
            context.setRequestUri(uri(RequestPath.parse(raw)));
        }
    }

    /** The path encoded once more, since matching takes it decoded, and the query. */
    private URI uri(RequestPath path) {
        var query = request.queryParams().entries().stream()
                .map(parameter -> encode(parameter.getKey()) + "=" + encode(parameter.getValue()))
                .collect(Collectors.joining("&", "?", ""));
        return URI.create("http://hub" + path.canonical().replace("%", "%25") + query);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
