package io.freehub.twin.twin;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.Permission;
import io.freehub.service.http.ETag;
import io.freehub.service.http.Precondition;
import io.freehub.service.http.Requires;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.TwinWrite;
import io.freehub.twin.twin.TwinMetrics.Operation;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Twins of devices and modules, for back ends. */
@Path("/twins/{id}")
public class TwinResource {

    private static final String MODULE = "/modules/{mid}";
    private static final String JSON = MediaType.APPLICATION_JSON + "; charset=utf-8";

    private final Twins twins;
    private final TwinMetrics metrics;

    TwinResource(Twins twins, TwinMetrics metrics) {
        this.twins = twins;
        this.metrics = metrics;
    }

    /** The twin of the device. */
    @GET
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.TWINS_READ)
    public Uni<Response> get(@PathParam("id") String id) {
        return get(device(id));
    }

    /** Merges into tags and desired properties of the device. */
    @PATCH
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.TWINS_WRITE)
    public Uni<Response> patch(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, byte[] body) {
        return write(Operation.UPDATE, device(id), ifMatch, TwinWrite::patch, body);
    }

    /** Replaces tags and desired properties of the device, those that are given. */
    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.TWINS_WRITE)
    public Uni<Response> put(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, byte[] body) {
        return write(Operation.REPLACE, device(id), ifMatch, TwinWrite::replacement, body);
    }

    /** The twin of the module. */
    @GET
    @Path(MODULE)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.TWINS_READ)
    public Uni<Response> getModule(@PathParam("id") String id, @PathParam("mid") String mid) {
        return get(module(id, mid));
    }

    /** Merges into tags and desired properties of the module. */
    @PATCH
    @Path(MODULE)
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.TWINS_WRITE)
    public Uni<Response> patchModule(
            @PathParam("id") String id,
            @PathParam("mid") String mid,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            byte[] body) {
        return write(Operation.UPDATE, module(id, mid), ifMatch, TwinWrite::patch, body);
    }

    /** Replaces tags and desired properties of the module, those that are given. */
    @PUT
    @Path(MODULE)
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.TWINS_WRITE)
    public Uni<Response> putModule(
            @PathParam("id") String id,
            @PathParam("mid") String mid,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            byte[] body) {
        return write(Operation.REPLACE, module(id, mid), ifMatch, TwinWrite::replacement, body);
    }

    private Uni<Response> get(IdentityId identity) {
        return twins.get(identity)
                .map(TwinResource::answer)
                .onItemOrFailure()
                .invoke((answer, failure) ->
                        count(Operation.READ, failure == null ? ((String) answer.getEntity()).length() : 0, failure));
    }

    private Uni<Response> write(
            Operation operation,
            IdentityId identity,
            @Nullable String ifMatch,
            Function<Json.Fields, TwinWrite> read,
            byte[] body) {
        var precondition = Precondition.parse(Optional.ofNullable(ifMatch));
        return Uni.createFrom()
                .item(() -> read.apply(JsonText.readObject(body)))
                .chain(write -> twins.write(identity, precondition, write))
                .onItemOrFailure()
                .invoke((_, failure) -> count(operation, body.length, failure))
                .map(TwinResource::answer);
    }

    private void count(Operation operation, long bytes, @Nullable Throwable failure) {
        metrics.count(TwinMetrics.Origin.SERVICE, operation, failure == null, bytes);
    }

    private static Response answer(Twins.Found found) {
        return Response.ok(TwinAnswer.json(found))
                .header(HttpHeaders.CONTENT_TYPE, JSON)
                .header(HttpHeaders.ETAG, new ETag(found.twin().etag()).quoted())
                .build();
    }

    private static IdentityId device(String id) {
        return IdentityId.of(new DeviceId(id));
    }

    private static IdentityId module(String id, String mid) {
        return IdentityId.of(new DeviceId(id), new ModuleId(mid));
    }
}
