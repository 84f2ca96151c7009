package io.freehub.registry.bulk;

import io.freehub.model.Authentication;
import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.model.Permission;
import io.freehub.registry.identity.Identities;
import io.freehub.registry.identity.IdentityChange;
import io.freehub.registry.identity.IdentityChange.WhichKey;
import io.freehub.registry.identity.Written;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes new keys for up to 100 devices and modules. */
@Path("/devices/keys/regenerate")
public class KeyRegenerationResource {

    private static final int SOME = 207;

    private final Identities identities;

    KeyRegenerationResource(Identities identities) {
        this.identities = identities;
    }

    /** Answers the new keys; 207 when some devices failed, 400 when all did. */
    @POST
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.DEVICES_WRITE)
    public Uni<Response> regenerate(KeyRegeneration.@Nullable Request request) {
        if (request == null) {
            throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
        }
        var which = which(request.policyKey());
        var targets = checked(request.devices());
        var changes = new ArrayList<IdentityChange>();
        var changed = new ArrayList<KeyRegeneration.Target>();
        var errors = new ArrayList<KeyRegeneration.Failure>();
        for (var target : targets) {
            try {
                changes.add(new IdentityChange.RegenerateKeys(identity(target), which));
                changed.add(target);
            } catch (HubException e) {
                errors.add(failure(target, e.error(), e.getMessage()));
            }
        }
        return identities.apply(changes).map(outcomes -> {
            var rotated = new ArrayList<KeyRegeneration.RotatedKeys>();
            for (int i = 0; i < outcomes.size(); i++) {
                switch (outcomes.get(i)) {
                    case IdentityChange.Refused(var error, var detail) ->
                        errors.add(failure(changed.get(i), error, detail));
                    case Written.Replaced(var identity) -> {
                        if (identity.authentication() instanceof Authentication.Sas(var keys)) {
                            rotated.add(new KeyRegeneration.RotatedKeys(
                                    identity.id().device().value(),
                                    identity.id().module().map(ModuleId::value).orElse(null),
                                    keys.primary().base64(),
                                    keys.secondary().base64()));
                        }
                    }
                    case Written.Created _, Written.Deleted _ ->
                        throw new IllegalStateException("new keys make and remove no identity");
                }
            }
            return answer(new KeyRegeneration.Result(
                    Optional.ofNullable(request.policyKey()).orElse(""), rotated, errors));
        });
    }

    private static WhichKey which(@Nullable String policyKey) {
        return switch (policyKey == null ? "" : policyKey.toLowerCase(Locale.ROOT)) {
            case "primarykey" -> WhichKey.PRIMARY;
            case "secondarykey" -> WhichKey.SECONDARY;
            case "both" -> WhichKey.BOTH;
            default ->
                throw new HubException(
                        HubError.INVALID_POLICY_KEY, "policyKey is none of primaryKey, secondaryKey, both");
        };
    }

    private static List<KeyRegeneration.Target> checked(@Nullable List<KeyRegeneration.@Nullable Target> devices) {
        if (devices == null || devices.isEmpty() || devices.contains(null)) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "devices is no list of 1 to " + BulkResource.MAX_ITEMS + " devices");
        }
        if (devices.size() > BulkResource.MAX_ITEMS) {
            throw new HubException(
                    HubError.TOO_MANY_DEVICES, "there are more than " + BulkResource.MAX_ITEMS + " devices");
        }
        return List.copyOf(devices);
    }

    private static IdentityId identity(KeyRegeneration.Target target) {
        var device = new DeviceId(target.id() == null ? "" : target.id());
        return target.moduleId() == null || target.moduleId().isEmpty()
                ? IdentityId.of(device)
                : IdentityId.of(device, new ModuleId(target.moduleId()));
    }

    private static KeyRegeneration.Failure failure(KeyRegeneration.Target target, HubError error, String detail) {
        return new KeyRegeneration.Failure(target.id(), target.moduleId(), error.wireName(), detail);
    }

    private static Response answer(KeyRegeneration.Result result) {
        if (result.errors().isEmpty()) {
            return Response.ok(result).build();
        } else if (!result.rotatedKeys().isEmpty()) {
            return Response.status(SOME).entity(result).build();
        } else {
            return Response.status(HubError.BULK_REGENERATION_FAILED.httpStatus())
                    .header("iothub-errorcode", HubError.BULK_REGENERATION_FAILED.wireName())
                    .entity(result)
                    .build();
        }
    }
}
