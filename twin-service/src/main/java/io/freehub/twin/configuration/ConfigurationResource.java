package io.freehub.twin.configuration;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.freehub.service.http.Precondition;
import io.freehub.service.http.Requires;
import io.freehub.twin.configuration.ConfigurationMetrics.Operation;
import io.freehub.twin.document.JsonText;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Configurations, for back ends. */
@Path("/configurations")
public class ConfigurationResource {

    private static final String JSON = MediaType.APPLICATION_JSON + "; charset=utf-8";

    private final Configurations configurations;
    private final ConfigurationMetrics metrics;

    ConfigurationResource(Configurations configurations, ConfigurationMetrics metrics) {
        this.configurations = configurations;
        this.metrics = metrics;
    }

    /** All of them; how many the client wants makes no difference. */
    @GET
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.CONFIGURATIONS_READ)
    public Uni<Response> list() {
        return metrics.count(Operation.LIST, configurations.all())
                .map(found -> Response.ok(ConfigurationAnswer.json(found))
                        .header(HttpHeaders.CONTENT_TYPE, JSON)
                        .build());
    }

    /** One of them. */
    @GET
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.CONFIGURATIONS_READ)
    public Uni<Response> get(@PathParam("id") String id) {
        return metrics.count(Operation.GET, configurations.get(id)).map(ConfigurationResource::answer);
    }

    /** Creates one or, with If-Match, writes it anew. */
    @PUT
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.CONFIGURATIONS_WRITE)
    public Uni<Response> put(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, byte[] body) {
        return metrics.count(
                        Operation.PUT,
                        Uni.createFrom()
                                .item(() -> new ConfigurationChange.Put(
                                        Configuration.requireId(id),
                                        precondition(ifMatch),
                                        Spec.parse(id, JsonText.readObject(body))))
                                .chain(configurations::put))
                .map(ConfigurationResource::answer);
    }

    /** Removes one. What it has set stays where no other one sets it. */
    @DELETE
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.CONFIGURATIONS_DELETE)
    public Uni<Response> delete(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return metrics.count(
                        Operation.DELETE,
                        Uni.createFrom()
                                .item(() -> new ConfigurationChange.Delete(id, precondition(ifMatch)))
                                .chain(configurations::delete))
                .map(_ -> Response.noContent().build());
    }

    /** Says what is wrong with a condition and with queries, if something is. */
    @POST
    @Path("/testQueries")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.CONFIGURATIONS_TEST_QUERIES)
    public Uni<Response> testQueries(byte[] body) {
        return metrics.count(
                        Operation.TEST_QUERIES,
                        Uni.createFrom().item(() -> QueryCheck.answer(JsonText.readObject(body))))
                .map(answer -> Response.ok(answer)
                        .header(HttpHeaders.CONTENT_TYPE, JSON)
                        .build());
    }

    private static Precondition precondition(@Nullable String ifMatch) {
        return Precondition.parse(Optional.ofNullable(ifMatch));
    }

    private static Response answer(Configurations.Found found) {
        return Response.ok(ConfigurationAnswer.json(found))
                .header(HttpHeaders.CONTENT_TYPE, JSON)
                .header(HttpHeaders.ETAG, found.configuration().etag().quoted())
                .build();
    }
}
