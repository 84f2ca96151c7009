package io.freehub.command.queue;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.Disposition;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.service.LogKeys;
import io.freehub.service.http.Requires;
import io.freehub.service.json.HubJson;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.MDC;

/** Messages for devices that ask for them over HTTPS, for gateways: they know that it is the device that asks. */
@Path("/internal/devices/{id}/deliveries")
@Consumes(MediaType.WILDCARD)
@Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.CLOUD_TO_DEVICE_SEND)
public class DeliveryResource {

    private final Deliveries deliveries;

    DeliveryResource(Deliveries deliveries) {
        this.deliveries = deliveries;
    }

    /** The next message, locked; 204 when none waits. */
    @POST
    public Uni<Response> take(@PathParam("id") String id) {
        MDC.put(LogKeys.DEVICE_ID, id);
        return deliveries.take(new DeviceId(id)).map(taken -> taken.map(
                        message -> Response.ok(HubJson.write(message), MediaType.APPLICATION_JSON)
                                .build())
                .orElseGet(() -> Response.noContent().build()));
    }

    /** What the device did with it: {@code completed}, {@code abandoned} or {@code rejected}. */
    @POST
    @Path("/{lockToken}/{disposition}")
    public Uni<Response> settle(
            @PathParam("id") String id,
            @PathParam("lockToken") String lockToken,
            @PathParam("disposition") String disposition) {
        MDC.put(LogKeys.DEVICE_ID, id);
        return deliveries
                .settle(new DeviceId(id), lockToken, disposition(disposition))
                .map(_ -> Response.noContent().build());
    }

    private static Disposition disposition(String text) {
        return switch (text) {
            case "completed" -> Disposition.COMPLETED;
            case "abandoned" -> Disposition.ABANDONED;
            case "rejected" -> Disposition.REJECTED;
            default ->
                throw new HubException(
                        HubError.NOT_FOUND, "a delivery is completed, abandoned or rejected, not '" + text + "'");
        };
    }
}
