package io.freehub.command.queue;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MessageToDevice;
import io.freehub.model.Permission;
import io.freehub.service.LogKeys;
import io.freehub.service.http.Requires;
import io.freehub.service.json.HubJson;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/** Messages to devices, from back ends. Clients spell the last parts of the first path as they like. */
@Path("/")
public class MessageResource {

    private final Queues queues;

    MessageResource(Queues queues) {
        this.queues = queues;
    }

    /** As Azure IoT Explorer sends. */
    @POST
    @Path("devices/{id}/{bound:(?i:messages/devicebound)}")
    @Consumes(MediaType.WILDCARD)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.CLOUD_TO_DEVICE_SEND)
    public Uni<Response> send(@PathParam("id") String id, @Context RoutingContext request, byte @Nullable [] body) {
        var device = new DeviceId(id);
        var message = MessageHeaders.message(request.request().headers(), body == null ? new byte[0] : body);
        return queues.send(device, message).map(_ -> Response.noContent().build());
    }

    /** The same, at a path of the hub's own. */
    @POST
    @Path("hub/devices/{id}/messages")
    @Consumes(MediaType.WILDCARD)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.CLOUD_TO_DEVICE_SEND)
    public Uni<Response> sendToHub(
            @PathParam("id") String id, @Context RoutingContext request, byte @Nullable [] body) {
        MDC.put(LogKeys.DEVICE_ID, id);
        return send(id, request, body);
    }

    /** The same, for gateways: they know that who sends may. The body is a {@link MessageToDevice}. */
    @POST
    @Path("internal/devices/{id}/messages")
    @Consumes(MediaType.WILDCARD)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.CLOUD_TO_DEVICE_SEND)
    public Uni<Response> sendOfGateway(@PathParam("id") String id, byte @Nullable [] body) {
        MDC.put(LogKeys.DEVICE_ID, id);
        var device = new DeviceId(id);
        var message = read(body == null ? new byte[0] : body);
        var outgoing = OutgoingMessage.of(
                message.properties().system(), message.properties().application(), message.body());
        return queues.send(device, outgoing).map(_ -> Response.noContent().build());
    }

    private static MessageToDevice read(byte[] body) {
        try {
            return HubJson.read(body, MessageToDevice.class);
        } catch (IllegalArgumentException e) {
            throw new HubException(HubError.FORMAT_ERROR, "the body is " + e.getMessage());
        }
    }

    /** Dead-letters what waits for a device. */
    @DELETE
    @Path("devices/{id}/commands")
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.CLOUD_TO_DEVICE_PURGE)
    public Uni<Purged> purge(@PathParam("id") String id) {
        return queues.purge(new DeviceId(id)).map(purged -> new Purged(id, null, purged));
    }

    /**
     * What became of a queue.
     *
     * @param moduleId always null: modules have no queue, but clients read it
     */
    public record Purged(String deviceId, @Nullable String moduleId, int totalMessagesPurged) {}
}
