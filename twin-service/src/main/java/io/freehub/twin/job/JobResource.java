package io.freehub.twin.job;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Scheduled jobs. */
@Path("/jobs/v2")
public class JobResource {

    private static final String JSON = MediaType.APPLICATION_JSON + "; charset=utf-8";
    private static final String ITEM_TYPE = "x-ms-item-type";
    private static final String CONTINUATION = "x-ms-continuation";
    private static final String PAGE_SIZE = "x-ms-max-item-count";

    private final Jobs jobs;
    private final JobMetrics metrics;

    JobResource(Jobs jobs, JobMetrics metrics) {
        this.jobs = jobs;
        this.metrics = metrics;
    }

    /** Makes a job. */
    @PUT
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.JOBS_WRITE)
    public Uni<Response> create(@PathParam("id") String id, byte[] body) {
        return metrics.count(
                        JobMetrics.CREATE,
                        Uni.createFrom().item(() -> JsonText.readObject(body)).chain(asked -> jobs.create(id, asked)))
                .map(job -> answer(JobAnswer.created(job)).build());
    }

    /** One job; also one that there is not, which is of an unknown type. */
    @GET
    @Path("/{id}")
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.JOBS_READ)
    public Uni<Response> get(@PathParam("id") String id) {
        return metrics.count(JobMetrics.GET, jobs.get(id))
                .map(found -> answer(found.map(JobAnswer::of).orElseGet(() -> JobAnswer.unknown(id)))
                        .build());
    }

    /** Cancels a job that has not ended. */
    @POST
    @Path("/{id}/cancel")
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.JOBS_DELETE)
    public Uni<Response> cancel(@PathParam("id") String id) {
        return metrics.count(JobMetrics.CANCEL, jobs.cancel(id))
                .map(job -> answer(JobAnswer.of(job)).build());
    }

    /** The jobs of a type, in a state, the latest first. */
    @GET
    @Path("/query")
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.JOBS_READ)
    public Uni<Response> list(
            @Context UriInfo uri,
            @HeaderParam(PAGE_SIZE) @Nullable String pageSize,
            @HeaderParam(CONTINUATION) @Nullable String continuation) {
        return metrics.count(
                        JobMetrics.LIST,
                        Uni.createFrom()
                                .item(() -> JobList.parse(
                                        parameter(uri, "jobType"),
                                        parameter(uri, "jobStatus"),
                                        Optional.ofNullable(pageSize),
                                        Optional.ofNullable(continuation)))
                                .chain(jobs::list))
                .map(JobResource::answer);
    }

    /** The parameter of this name, in whatever case it is written. */
    private static Optional<String> parameter(UriInfo uri, String name) {
        return uri.getQueryParameters().entrySet().stream()
                .filter(parameter -> parameter.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .flatMap(values -> values.stream().limit(1))
                .findFirst();
    }

    private static Response answer(Jobs.Page page) {
        var response = answer(new Json.Items(
                        page.jobs().stream().<Json>map(JobAnswer::of).toList()))
                .header(ITEM_TYPE, "JobResponse");
        // Not an empty one: clients take any for a further page.
        page.next().ifPresent(next -> response.header(CONTINUATION, next));
        return response.build();
    }

    private static Response.ResponseBuilder answer(Json json) {
        return Response.ok(JsonText.write(json)).header(HttpHeaders.CONTENT_TYPE, JSON);
    }
}
