package io.freehub.service.http;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;

/** Lets a request reach a method marked with {@link Requires} only with a fitting token and a known api-version. */
@Provider
// The binding counts; what is required stands at each method.
@Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
class AccessFilter implements ContainerRequestFilter {

    private final BackEndAccess access;

    @Context
    ResourceInfo resource;

    @Context
    RoutingContext request;

    AccessFilter(BackEndAccess access) {
        this.access = access;
    }

    @Override
    public void filter(ContainerRequestContext context) {
        var authorization = Optional.ofNullable(context.getHeaderString(HttpHeaders.AUTHORIZATION));
        var needed = needed();
        var version = Optional.ofNullable(request.queryParams().get("api-version"));
        var bearer = BackEndAccess.bearerToken(authorization);
        if (bearer.isEmpty()) {
            // At once, since the gateways look up every device that connects this way.
            access.checkSignature(authorization, request, needed);
            checkVersion(needed, version);
            return;
        }
        var suspended = (ResteasyReactiveContainerRequestContext) context;
        suspended.suspend();
        access.checkBearer(bearer.get(), request, needed)
                .invoke(() -> checkVersion(needed, version))
                .subscribe()
                .with(_ -> suspended.resume(), suspended::resume);
    }

    /** What manages the hub is Freehub's own and has none of Azure's versions. */
    private static void checkVersion(Requires needed, Optional<String> version) {
        if (needed.permission() != Permission.HUB_MANAGE) {
            ApiVersion.check(version);
        }
    }

    private Requires needed() {
        var onMethod = resource.getResourceMethod().getAnnotation(Requires.class);
        return onMethod != null ? onMethod : resource.getResourceClass().getAnnotation(Requires.class);
    }
}
