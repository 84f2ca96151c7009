package io.freehub.command.method;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Calls of direct methods. A caller that hangs up is waited for no longer. */
@Path("/twins/{id}")
public class MethodResource {

    private static final String JSON = MediaType.APPLICATION_JSON + "; charset=utf-8";

    private final Calls calls;

    MethodResource(Calls calls) {
        this.calls = calls;
    }

    /** Calls a method of the device. */
    @POST
    @Path("/methods")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.METHODS_INVOKE)
    public Uni<Response> call(@PathParam("id") String id, byte[] body) {
        return call(IdentityId.of(new DeviceId(id)), body);
    }

    /** Calls a method of the module. */
    @POST
    @Path("/modules/{mid}/methods")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.METHODS_INVOKE)
    public Uni<Response> callModule(@PathParam("id") String id, @PathParam("mid") String mid, byte[] body) {
        return call(IdentityId.of(new DeviceId(id), new ModuleId(mid)), body);
    }

    private Uni<Response> call(IdentityId identity, byte[] body) {
        var call = MethodJson.call(body);
        // The log context belongs to the request's own context, which answers of devices do not come on.
        var context = Vertx.currentContext();
        return calls.call(identity, call)
                .emitOn(task -> context.runOnContext(_ -> task.run()))
                .map(answer -> Response.ok(answer.json())
                        .header(HttpHeaders.CONTENT_TYPE, JSON)
                        .build());
    }
}
