package io.freehub.registry.identity;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.registry.connection.ConnectionState;
import io.freehub.registry.identity.IdentityChange.Outcome;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One identity, and the list of them. */
@Path("/devices")
public class IdentityResource {

    private static final int MAX_LISTED = 1000;

    private final Identities identities;

    IdentityResource(Identities identities) {
        this.identities = identities;
    }

    /** The identity, keys and all. */
    @GET
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
    public Uni<Response> get(@PathParam("id") String id) {
        var device = new DeviceId(id);
        return identities.get(device).map(found -> answer(found.orElseThrow(() -> notFound(device))));
    }

    /** The first identities, up to 1000. */
    @GET
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
    public Uni<List<DeviceDocument>> list(@QueryParam("top") @DefaultValue("1000") String top) {
        return identities
                .first(count(top))
                .map(devices -> devices.stream().map(DeviceDocument::of).toList());
    }

    /** Creates the identity or, with If-Match, replaces it. */
    @PUT
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.DEVICES_WRITE)
    public Uni<Response> put(
            @PathParam("id") String id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable DeviceDocument body) {
        var device = new DeviceId(id);
        if (body == null) {
            throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
        }
        if (body.deviceId() != null
                && !body.deviceId().isEmpty()
                && !body.deviceId().equals(id)) {
            throw new HubException(HubError.ARGUMENT_INVALID, "deviceId in the body differs from that in the path");
        }
        return identities
                .apply(new IdentityChange.Put(device, Precondition.parse(Optional.ofNullable(ifMatch)), body.asked()))
                .chain(outcome -> switch (outcome) {
                    case Outcome.Created(var created, var _) ->
                        Uni.createFrom().item(answer(new RegisteredDevice(created, ConnectionState.NEVER)));
                    // With the connection, which the change does not know.
                    case Outcome.Replaced(var replaced, var _) ->
                        identities
                                .get(device)
                                .map(now -> answer(now.map(RegisteredDevice::connection)
                                        .map(connection -> new RegisteredDevice(replaced, connection))
                                        .orElse(new RegisteredDevice(replaced, ConnectionState.NEVER))));
                    case Outcome.Deleted _ -> throw new IllegalStateException("a replacement deletes nothing");
                    case Outcome.Refused(var error, var detail) -> throw new HubException(error, detail);
                });
    }

    /** Removes the identity. */
    @DELETE
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.DEVICES_DELETE)
    public Uni<Response> delete(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return identities
                .apply(new IdentityChange.Delete(new DeviceId(id), Precondition.parse(Optional.ofNullable(ifMatch))))
                .map(outcome -> {
                    if (outcome instanceof Outcome.Refused(var error, var detail)) {
                        throw new HubException(error, detail);
                    }
                    return Response.noContent().build();
                });
    }

    private static Response answer(RegisteredDevice registered) {
        return Response.ok(DeviceDocument.of(registered))
                .header(HttpHeaders.ETAG, registered.device().etag().quoted())
                .build();
    }

    private static int count(String top) {
        try {
            int count = Integer.parseInt(top);
            if (count >= 1 && count <= MAX_LISTED) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new HubException(HubError.INVALID_RESULT_COUNT, "top is no number from 1 to " + MAX_LISTED);
    }

    private static HubException notFound(DeviceId device) {
        return new HubException(HubError.DEVICE_NOT_FOUND, "There is no device with ID '" + device + "'.");
    }
}
