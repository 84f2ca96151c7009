package io.freehub.command.feedback;

import io.freehub.model.DataAction;
import io.freehub.model.FeedbackDelivery;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/**
 * Feedback, for back ends: at the path of IoT Hub's REST interface, the last part but one of which clients spell as they
 * like, and at one of the hub's own.
 */
@Path("/{feedback:(?i:messages/servicebound|hub)/feedback}")
@Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.CLOUD_TO_DEVICE_FEEDBACK)
public class FeedbackResource {

    private static final String TYPE = "application/vnd.microsoft.iothub.feedback.json";

    private final Feedback feedback;

    FeedbackResource(Feedback feedback) {
        this.feedback = feedback;
    }

    /** The oldest batch that nobody has, locked for the caller. */
    @GET
    public Uni<Response> receive() {
        return feedback.receive().map(FeedbackResource::answer);
    }

    /** The caller is done with it. */
    @DELETE
    @Path("/{lockToken}")
    public Uni<Response> complete(@PathParam("lockToken") String lockToken) {
        return feedback.complete(lockToken).map(_ -> Response.noContent().build());
    }

    /** Somebody is to have it again. */
    @POST
    @Path("/{lockToken}/abandon")
    public Uni<Response> abandon(@PathParam("lockToken") String lockToken) {
        return feedback.abandon(lockToken).map(_ -> Response.noContent().build());
    }

    private static Response answer(Optional<FeedbackDelivery> batch) {
        return batch.map(received -> Response.ok(received.body())
                        .header("Content-Type", TYPE)
                        // Which of the two a client reads is nowhere said.
                        .header("ETag", '"' + received.lockToken() + '"')
                        .header("iothub-messagelocktoken", received.lockToken())
                        .build())
                .orElseGet(() -> Response.noContent().build());
    }
}
