package io.freehub.command.feedback;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.freehub.service.json.HubJson;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Feedback for back ends that receive it over AMQP, for gateways: they know that who receives may. */
@Path("/internal/feedback")
@Consumes(MediaType.WILDCARD)
@Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.CLOUD_TO_DEVICE_FEEDBACK)
public class FeedbackDeliveryResource {

    private final Feedback feedback;

    FeedbackDeliveryResource(Feedback feedback) {
        this.feedback = feedback;
    }

    /** The oldest batch that nobody has, locked; 204 when there is none. */
    @POST
    public Uni<Response> take() {
        return feedback.receive()
                .map(taken -> taken.map(batch -> Response.ok(HubJson.write(batch), MediaType.APPLICATION_JSON)
                                .build())
                        .orElseGet(() -> Response.noContent().build()));
    }

    /** Whoever received it is done with it. */
    @POST
    @Path("/{lockToken}/completed")
    public Uni<Response> complete(@PathParam("lockToken") String lockToken) {
        return feedback.complete(lockToken).map(_ -> Response.noContent().build());
    }

    /** Somebody is to have it again. */
    @POST
    @Path("/{lockToken}/abandoned")
    public Uni<Response> abandon(@PathParam("lockToken") String lockToken) {
        return feedback.abandon(lockToken).map(_ -> Response.noContent().build());
    }
}
