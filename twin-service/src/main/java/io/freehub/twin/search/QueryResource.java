package io.freehub.twin.search;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Queries over twins, for back ends. */
@Path("/devices")
public class QueryResource {

    private static final String CONTINUATION = "x-ms-continuation";
    private static final String JSON = MediaType.APPLICATION_JSON + "; charset=utf-8";
    private static final int DEFAULT_SIZE = 100;
    private static final int MAX_SIZE = 1000;

    private final TwinQueries queries;
    private final QueryMetrics metrics;

    QueryResource(TwinQueries queries, QueryMetrics metrics) {
        this.queries = queries;
        this.metrics = metrics;
    }

    /** The next rows of a query. */
    @POST
    @Path("/query")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.SERVICE_CONNECT, action = DataAction.TWINS_READ)
    public Uni<Response> query(
            @HeaderParam("x-ms-max-item-count") @Nullable String size,
            @HeaderParam(CONTINUATION) @Nullable String token,
            byte[] body) {
        return metrics.count(Uni.createFrom()
                        .deferred(() -> queries.page(
                                text(body), Optional.ofNullable(token).filter(sent -> !sent.isEmpty()), size(size))))
                .map(QueryResource::answer);
    }

    private static Response answer(TwinQueries.Page page) {
        var response = Response.ok(page.json())
                .header(HttpHeaders.CONTENT_TYPE, JSON)
                .header("x-ms-item-type", page.itemType());
        page.next().ifPresent(next -> response.header(CONTINUATION, next));
        return response.build();
    }

    private static String text(byte[] body) {
        return JsonText.readObject(body)
                .get("query")
                .filter(Json.Text.class::isInstance)
                .map(query -> ((Json.Text) query).value())
                .orElseThrow(() -> TwinQueries.refused("the body has no string 'query'"));
    }

    /** Some clients send what is no number. */
    private static int size(@Nullable String header) {
        return Optional.ofNullable(header)
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(Integer::parseInt)
                .filter(size -> size > 0)
                .map(size -> Math.min(size, MAX_SIZE))
                .orElse(DEFAULT_SIZE);
    }
}
