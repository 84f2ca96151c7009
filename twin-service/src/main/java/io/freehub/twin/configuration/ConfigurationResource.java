package io.freehub.twin.configuration;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.freehub.service.http.Precondition;
import io.freehub.service.http.Requires;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
        return metrics.count("list", configurations.all()).map(found -> Response.ok(ConfigurationAnswer.json(found))
                .header(HttpHeaders.CONTENT_TYPE, JSON)
                .build());
    }

    /** One of them. */
    @GET
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.CONFIGURATIONS_READ)
    public Uni<Response> get(@PathParam("id") String id) {
        return metrics.count("get", configurations.get(id)).map(ConfigurationResource::answer);
    }

    /** Creates one or, with If-Match, writes it anew. */
    @PUT
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.CONFIGURATIONS_WRITE)
    public Uni<Response> put(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, byte[] body) {
        return apply(
                "put",
                () -> new ConfigurationChange.Put(
                        Configuration.requireId(id), precondition(ifMatch), Spec.parse(id, JsonText.readObject(body))));
    }

    /** Removes one. What it has set stays where no other one sets it. */
    @DELETE
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.CONFIGURATIONS_DELETE)
    public Uni<Response> delete(
            @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        return apply("delete", () -> new ConfigurationChange.Delete(id, precondition(ifMatch)));
    }

    /** Says what is wrong with a condition and with queries, if something is. */
    @POST
    @Path("/testQueries")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.CONFIGURATIONS_TEST_QUERIES)
    public Response testQueries(byte[] body) {
        return Response.ok(QueryTest.answer(JsonText.readObject(body)))
                .header(HttpHeaders.CONTENT_TYPE, JSON)
                .build();
    }

    private Uni<Response> apply(String operation, Supplier<ConfigurationChange> change) {
        return metrics.count(operation, Uni.createFrom().item(change).chain(configurations::apply))
                .map(ConfigurationResource::answer);
    }

    private static Precondition precondition(@Nullable String ifMatch) {
        return Precondition.parse(Optional.ofNullable(ifMatch));
    }

    private static Response answer(ConfigurationChange.Outcome outcome) {
        return switch (outcome) {
            case ConfigurationChange.Outcome.Created(var configuration) ->
                answer(new Configurations.Found(configuration, List.of()));
            case ConfigurationChange.Outcome.Replaced(var configuration, var _) ->
                answer(new Configurations.Found(configuration, List.of()));
            case ConfigurationChange.Outcome.Deleted _ -> Response.noContent().build();
        };
    }

    private static Response answer(Configurations.Found found) {
        return Response.ok(ConfigurationAnswer.json(found))
                .header(HttpHeaders.CONTENT_TYPE, JSON)
                .header(HttpHeaders.ETAG, found.configuration().etag().quoted())
                .build();
    }
}
