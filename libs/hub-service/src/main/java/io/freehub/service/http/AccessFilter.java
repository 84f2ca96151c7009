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

/** Lets a request reach a method marked with {@link Requires} only with a fitting token and a known api-version. */
@Provider
@Requires(
        permission = Permission.REGISTRY_READ,
        action = DataAction.DEVICES_READ) // The binding counts; what is required stands at each method.
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
        access.check(
                Optional.ofNullable(context.getHeaderString(HttpHeaders.AUTHORIZATION)),
                RequestPath.parse(request.request().path()),
                needed());
        // What manages the hub is Freehub's own and has none of Azure's versions.
        if (needed() != Permission.HUB_MANAGE) {
            ApiVersion.check(Optional.ofNullable(request.queryParams().get("api-version")));
        }
    }

    private Permission needed() {
        var onMethod = resource.getResourceMethod().getAnnotation(Requires.class);
        return (onMethod != null ? onMethod : resource.getResourceClass().getAnnotation(Requires.class)).permission();
    }
}
