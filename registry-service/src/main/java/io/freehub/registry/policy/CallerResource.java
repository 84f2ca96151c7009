package io.freehub.registry.policy;

import io.freehub.model.BearerRights;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.service.http.Caller;
import io.freehub.service.http.Requires;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;

/** Tells gateways what a back end may do that comes over AMQP with a token of the identity provider. */
@Path("/internal/caller")
public class CallerResource {

    CallerResource() {}

    /** Whoever brings a token of the provider, and what its roles allow. */
    @GET
    @Requires(
            permission = Permission.SERVICE_CONNECT,
            action = {})
    public BearerRights get(@Context RoutingContext request) {
        return Caller.of(request)
                .map(caller -> new BearerRights(caller.name(), caller.actions(), caller.until()))
                .orElseThrow(() -> new HubException(
                        HubError.ARGUMENT_INVALID, "this is for tokens of an identity provider, not for signatures"));
    }
}
