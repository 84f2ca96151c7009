package io.freehub.registry.bulk;

import io.freehub.model.DataAction;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.registry.identity.Identities;
import io.freehub.registry.identity.IdentityChange;
import io.freehub.registry.identity.Written;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes up to 100 identities, each by itself. */
@Path("/devices")
public class BulkResource {

    /** Most devices in one request. */
    static final int MAX_ITEMS = 100;

    private final Identities identities;

    BulkResource(Identities identities) {
        this.identities = identities;
    }

    /** Applies the items and tells what became of each; 400 when one failed. */
    @POST
    @Requires(
            permission = Permission.REGISTRY_WRITE,
            action = {DataAction.DEVICES_WRITE, DataAction.DEVICES_DELETE})
    public Uni<Response> apply(@Nullable List<@Nullable BulkItem> body) {
        var items = checked(body);
        var changes = new ArrayList<IdentityChange>();
        var changed = new ArrayList<BulkItem>();
        var errors = new ArrayList<BulkResult.Failure>();
        for (var item : items) {
            try {
                changes.add(item.change());
                changed.add(item);
            } catch (HubException e) {
                errors.add(BulkResult.Failure.of(item, e.error(), e.getMessage()));
            }
        }
        return identities.apply(changes).map(outcomes -> {
            var warnings = new ArrayList<BulkResult.Warning>();
            for (int i = 0; i < outcomes.size(); i++) {
                var item = changed.get(i);
                switch (outcomes.get(i)) {
                    case IdentityChange.Refused(var error, var detail) ->
                        errors.add(BulkResult.Failure.of(item, error, detail));
                    case Written.Created _, Written.Replaced _
                    when item.hasTwin() ->
                        warnings.add(new BulkResult.Warning(
                                item.id(),
                                "DeviceRegisteredWithoutTwin",
                                "tags and desired properties were passed over: this hub has no twins"));
                    case Written.Created _, Written.Replaced _, Written.Deleted _ -> {}
                }
            }
            return answer(new BulkResult(errors.isEmpty(), errors, warnings));
        });
    }

    private static List<BulkItem> checked(@Nullable List<@Nullable BulkItem> body) {
        if (body == null || body.isEmpty() || body.contains(null)) {
            throw new HubException(HubError.ARGUMENT_INVALID, "the body is no list of 1 to " + MAX_ITEMS + " devices");
        }
        if (body.size() > MAX_ITEMS) {
            throw new HubException(
                    HubError.TOO_MANY_DEVICES, "the body has more than " + MAX_ITEMS + " devices: " + body.size());
        }
        return List.copyOf(body);
    }

    /** The second of the two headers makes the .NET SDK read the body of a 400. */
    private static Response answer(BulkResult result) {
        return result.isSuccessful()
                ? Response.ok(result).build()
                : Response.status(HubError.BULK_OPERATION_FAILED.httpStatus())
                        .header("iothub-errorcode", HubError.BULK_OPERATION_FAILED.wireName())
                        .header("IotHubErrorCode", HubError.BULK_OPERATION_FAILED.wireName())
                        .entity(result)
                        .build();
    }
}
