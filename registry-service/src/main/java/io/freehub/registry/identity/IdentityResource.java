package io.freehub.registry.identity;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.Permission;
import io.freehub.registry.connection.ConnectionState;
import io.freehub.service.http.Precondition;
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

/** One device or module, and the lists of them. */
@Path("/devices")
public class IdentityResource {

    private static final int MAX_LISTED = 1000;
    private static final String MODULES = "/{id}/modules";
    private static final String MODULE = MODULES + "/{mid}";

    private final Identities identities;

    IdentityResource(Identities identities) {
        this.identities = identities;
    }

    /** The device, keys and all. */
    @GET
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
    public Uni<Response> get(@PathParam("id") String id) {
        return get(device(id));
    }

    /** The first devices, up to 1000. */
    @GET
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
    public Uni<List<Object>> list(@QueryParam("top") @DefaultValue("1000") String top) {
        return identities.firstDevices(count(top)).map(IdentityResource::documents);
    }

    /** Creates the device or, with If-Match, replaces it. */
    @PUT
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.DEVICES_WRITE)
    public Uni<Response> put(
            @PathParam("id") String id,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable DeviceDocument body) {
        var device = device(id);
        var document = present(body);
        checkSame("deviceId", document.deviceId(), id);
        return put(device, ifMatch, document.asked());
    }

    /** Removes the device and its modules. */
    @DELETE
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.DEVICES_DELETE)
    public Uni<Response> delete(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return delete(device(id), ifMatch);
    }

    /** The module, keys and all. */
    @GET
    @Path(MODULE)
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
    public Uni<Response> getModule(@PathParam("id") String id, @PathParam("mid") String mid) {
        return get(module(id, mid));
    }

    /** All modules of the device. */
    @GET
    @Path(MODULES)
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.DEVICES_READ)
    public Uni<List<Object>> listModules(@PathParam("id") String id) {
        return identities.modules(new DeviceId(id)).map(IdentityResource::documents);
    }

    /** Creates the module or, with If-Match, replaces it. */
    @PUT
    @Path(MODULE)
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.DEVICES_WRITE)
    public Uni<Response> putModule(
            @PathParam("id") String id,
            @PathParam("mid") String mid,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable ModuleDocument body) {
        var module = module(id, mid);
        var document = present(body);
        checkSame("deviceId", document.deviceId(), id);
        checkSame("moduleId", document.moduleId(), mid);
        return put(module, ifMatch, document.asked());
    }

    /** Removes the module. */
    @DELETE
    @Path(MODULE)
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.DEVICES_DELETE)
    public Uni<Response> deleteModule(
            @PathParam("id") String id,
            @PathParam("mid") String mid,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return delete(module(id, mid), ifMatch);
    }

    private Uni<Response> get(IdentityId identity) {
        return identities.get(identity).map(IdentityResource::answer);
    }

    private Uni<Response> put(IdentityId identity, @Nullable String ifMatch, IdentitySpec spec) {
        return apply(new IdentityChange.Put(identity, precondition(ifMatch), spec))
                .chain(written -> switch (written) {
                    // With the connection, which the change does not know; gone again, it has none.
                    case Written.Replaced(var replaced) ->
                        identities
                                .get(identity)
                                .map(RegisteredIdentity::connection)
                                .onFailure(IdentityResource::isNotFound)
                                .recoverWithItem(ConnectionState.NEVER)
                                .map(connection -> answer(new RegisteredIdentity(replaced, connection)));
                    case Written.Created(var created) ->
                        Uni.createFrom().item(answer(new RegisteredIdentity(created, ConnectionState.NEVER)));
                    case Written.Deleted _ -> throw new IllegalStateException("a replacement deletes nothing");
                });
    }

    private Uni<Response> delete(IdentityId identity, @Nullable String ifMatch) {
        return apply(new IdentityChange.Delete(identity, precondition(ifMatch)))
                .map(_ -> Response.noContent().build());
    }

    private Uni<Written> apply(IdentityChange change) {
        return identities.apply(change).map(outcome -> switch (outcome) {
            case Written written -> written;
            case IdentityChange.Refused(var error, var detail) -> throw new HubException(error, detail);
        });
    }

    private static boolean isNotFound(Throwable failure) {
        return failure instanceof HubException refused && refused.error().httpStatus() == 404;
    }

    private static Response answer(RegisteredIdentity registered) {
        return Response.ok(document(registered))
                .header(HttpHeaders.ETAG, registered.identity().etag().quoted())
                .build();
    }

    private static List<Object> documents(List<RegisteredIdentity> registered) {
        return registered.stream().map(IdentityResource::document).toList();
    }

    private static Object document(RegisteredIdentity registered) {
        var identity = registered.identity();
        return switch (identity.kind()) {
            case Identity.Kind.Device device -> DeviceDocument.of(identity, device, registered.connection());
            case Identity.Kind.Module module -> ModuleDocument.of(identity, module, registered.connection());
        };
    }

    private static IdentityId device(String id) {
        return IdentityId.of(new DeviceId(id));
    }

    private static IdentityId module(String id, String mid) {
        return IdentityId.of(new DeviceId(id), new ModuleId(mid));
    }

    private static Precondition precondition(@Nullable String ifMatch) {
        return Precondition.parse(Optional.ofNullable(ifMatch));
    }

    private static <T> T present(@Nullable T body) {
        if (body == null) {
            throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
        }
        return body;
    }

    private static void checkSame(String field, @Nullable String inBody, String inPath) {
        if (inBody != null && !inBody.isEmpty() && !inBody.equals(inPath)) {
            throw new HubException(HubError.ARGUMENT_INVALID, field + " in the body differs from that in the path");
        }
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
}
