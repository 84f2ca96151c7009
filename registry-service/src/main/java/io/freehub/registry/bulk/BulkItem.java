package io.freehub.registry.bulk;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.registry.identity.AuthenticationDocument;
import io.freehub.registry.identity.DeviceDocument;
import io.freehub.registry.identity.ETag;
import io.freehub.registry.identity.IdentityChange;
import io.freehub.registry.identity.IdentitySpec;
import io.freehub.registry.identity.ModuleDocument;
import io.freehub.registry.identity.Precondition;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One of the devices and modules of a bulk request, as clients write it. */
public record BulkItem(
        @Nullable String id,
        @Nullable String moduleId,
        @Nullable String eTag,
        @Nullable String importMode,
        @Nullable String status,
        @Nullable String statusReason,
        @Nullable AuthenticationDocument authentication,
        DeviceDocument.@Nullable CapabilitiesDocument capabilities,
        @Nullable String deviceScope,
        @Nullable List<String> parentScopes,
        @Nullable String managedBy,
        @Nullable JsonNode tags,
        @Nullable JsonNode properties) {

    /** @throws HubException what is wrong with the item */
    IdentityChange change() {
        if (id == null || id.isEmpty()) {
            throw invalid("id is missing");
        }
        var identity = identity(id);
        var mode = importMode == null || importMode.isEmpty() ? "create" : importMode;
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "create" -> new IdentityChange.Put(identity, new Precondition.Absent(), spec(identity));
            case "update" -> new IdentityChange.Put(identity, new Precondition.Exists(), spec(identity));
            case "updateifmatchetag" -> new IdentityChange.Put(identity, matching(), spec(identity));
            case "delete" -> new IdentityChange.Delete(identity, new Precondition.Exists());
            case "deleteifmatchetag" -> new IdentityChange.Delete(identity, matching());
            case "updatetwin", "updatetwinifmatchetag" -> throw invalid("this hub has no twins that could be updated");
            default ->
                throw invalid("importMode is none of create, update, updateIfMatchETag, delete, deleteIfMatchETag");
        };
    }

    /** Whether the item says something of a twin. */
    boolean hasTwin() {
        return isFilled(tags) || properties != null && isFilled(properties.get("desired"));
    }

    private IdentityId identity(String device) {
        return moduleId == null || moduleId.isEmpty()
                ? IdentityId.of(new DeviceId(device))
                : IdentityId.of(new DeviceId(device), new ModuleId(moduleId));
    }

    private IdentitySpec spec(IdentityId identity) {
        return identity.isModule()
                ? ModuleDocument.asked(authentication, managedBy)
                : DeviceDocument.asked(status, statusReason, authentication, capabilities, deviceScope, parentScopes);
    }

    private Precondition matching() {
        var precondition = Precondition.parse(Optional.ofNullable(eTag));
        // Said to be conditional, yet no condition given: it cannot hold.
        return precondition instanceof Precondition.Absent ? new Precondition.Matches(new ETag("")) : precondition;
    }

    private static boolean isFilled(@Nullable JsonNode node) {
        return node != null && !node.isEmpty();
    }

    private static HubException invalid(String detail) {
        return new HubException(HubError.ARGUMENT_INVALID, detail);
    }
}
