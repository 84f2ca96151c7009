package io.freehub.registry.consumergroup;

import io.freehub.model.ConsumerGroup;
import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;

/** The consumer groups of the built-in endpoint. */
@Path("/hub/consumerGroups")
@Requires(permission = Permission.HUB_MANAGE, action = DataAction.HUB_MANAGE)
public class ConsumerGroupResource {

    private final ConsumerGroups groups;

    ConsumerGroupResource(ConsumerGroups groups) {
        this.groups = groups;
    }

    /** A consumer group as clients see it. */
    public record Document(String name, Instant createdTime) {

        private static Document of(ConsumerGroup group) {
            return new Document(group.name(), group.createdAt());
        }
    }

    /** All of them. */
    @GET
    public Uni<List<Document>> list() {
        return groups.all().map(found -> found.stream().map(Document::of).toList());
    }

    /** One of them. */
    @GET
    @Path("/{name}")
    public Uni<Document> get(@PathParam("name") String name) {
        return groups.get(name).map(Document::of);
    }

    /** Makes one: 201, or 200 when it was there. */
    @PUT
    @Path("/{name}")
    public Uni<Response> put(@PathParam("name") String name) {
        return groups.put(name).map(put -> Response.status(put.isNew() ? Response.Status.CREATED : Response.Status.OK)
                .entity(Document.of(put.group()))
                .build());
    }

    /** Removes one; its readers are refused from then on. */
    @DELETE
    @Path("/{name}")
    public Uni<Response> delete(@PathParam("name") String name) {
        return groups.delete(name).map(_ -> Response.noContent().build());
    }
}
