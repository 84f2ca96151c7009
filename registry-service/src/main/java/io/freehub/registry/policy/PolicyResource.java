package io.freehub.registry.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.registry.policy.PolicyChange.Outcome;
import io.freehub.registry.policy.PolicyChange.WhichKey;
import io.freehub.service.http.Precondition;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The policies of the hub, but for its own. */
@Path("/hub/policies")
@Requires(permission = Permission.HUB_MANAGE, action = DataAction.HUB_MANAGE)
public class PolicyResource {

    private final Policies policies;

    PolicyResource(Policies policies) {
        this.policies = policies;
    }

    /** All, keys and all. */
    @GET
    public Uni<List<PolicyDocument>> list() {
        return policies.all()
                .map(found -> found.stream().map(PolicyDocument::of).toList());
    }

    /** One, keys and all. */
    @GET
    @Path("/{name}")
    public Uni<Response> get(@PathParam("name") String name) {
        AccessPolicy.requireName(name);
        return policies.get(name)
                .map(found -> answer(Response.Status.OK, found.orElseThrow(() -> PolicyChange.notFound(name))));
    }

    /** Creates the policy or, with If-Match, replaces it. */
    @PUT
    @Path("/{name}")
    public Uni<Response> put(
            @PathParam("name") String name,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @Nullable PolicyDocument body) {
        AccessPolicy.requireName(name);
        if (body == null) {
            throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
        }
        if (body.name() != null && !body.name().isEmpty() && !body.name().equals(name)) {
            throw new HubException(HubError.ARGUMENT_INVALID, "name in the body differs from that in the path");
        }
        return policies.apply(new PolicyChange.Put(name, precondition(ifMatch), body.asked()))
                .map(PolicyResource::answer);
    }

    /** Removes the policy. */
    @DELETE
    @Path("/{name}")
    public Uni<Response> delete(
            @PathParam("name") String name, @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        AccessPolicy.requireName(name);
        return policies.apply(new PolicyChange.Delete(name, precondition(ifMatch)))
                .map(PolicyResource::answer);
    }

    /** Makes one key anew; the other one keeps working. */
    @POST
    @Path("/{name}/keys/{key}/regenerate")
    public Uni<Response> regenerate(
            @PathParam("name") String name,
            @PathParam("key") String key,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch) {
        AccessPolicy.requireName(name);
        var which =
                switch (key) {
                    case "primary" -> WhichKey.PRIMARY;
                    case "secondary" -> WhichKey.SECONDARY;
                    default ->
                        throw new HubException(
                                HubError.INVALID_POLICY_KEY, "the key in the path is neither primary nor secondary");
                };
        return policies.apply(new PolicyChange.RegenerateKey(name, precondition(ifMatch), which))
                .map(PolicyResource::answer);
    }

    private static Precondition precondition(@Nullable String ifMatch) {
        return Precondition.parse(Optional.ofNullable(ifMatch));
    }

    private static Response answer(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Created(var policy) -> answer(Response.Status.CREATED, policy);
            case Outcome.Replaced(var policy) -> answer(Response.Status.OK, policy);
            case Outcome.Deleted _ -> Response.noContent().build();
        };
    }

    private static Response answer(Response.Status status, StoredPolicy policy) {
        return Response.status(status)
                .entity(PolicyDocument.of(policy))
                .header(HttpHeaders.ETAG, policy.etag().quoted())
                .build();
    }
}
