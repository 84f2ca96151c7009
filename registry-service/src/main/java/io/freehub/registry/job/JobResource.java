package io.freehub.registry.job;

import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Imports and exports of identities. */
@Path("/jobs")
public class JobResource {

    private final Jobs jobs;

    JobResource(Jobs jobs) {
        this.jobs = jobs;
    }

    /** Makes a job; it begins as soon as a worker has it. */
    @POST
    @Path("/create")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.JOBS_WRITE)
    public Uni<JobDocument> create(@Nullable JobDocument body) {
        if (body == null) {
            throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
        }
        return jobs.create(body.asked()).map(JobDocument::of);
    }

    /** The jobs there are and were, the latest first. */
    @GET
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.JOBS_READ)
    public Uni<List<JobDocument>> list() {
        return jobs.list().map(found -> found.stream().map(JobDocument::of).toList());
    }

    /** One job. */
    @GET
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.JOBS_READ)
    public Uni<JobDocument> get(@PathParam("id") String id) {
        return jobs.get(id).map(JobDocument::of);
    }

    /** Cancels a job that has not ended. What it has done stays. */
    @DELETE
    @Path("/{id}")
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.JOBS_DELETE)
    public Uni<JobDocument> cancel(@PathParam("id") String id) {
        return jobs.cancel(id).map(JobDocument::of);
    }
}
