package io.freehub.registry.bulk;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceStatus;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.registry.identity.AuthenticationDocument;
import io.freehub.registry.identity.DeviceDocument;
import io.freehub.registry.identity.EdgeRole;
import io.freehub.registry.identity.Identity;
import io.freehub.registry.identity.IdentityChange;
import io.freehub.registry.identity.IdentitySpec;
import io.freehub.registry.identity.ModuleDocument;
import io.freehub.service.http.ETag;
import io.freehub.service.http.Precondition;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A device or module of a bulk request, an import or an export, as clients write and read it. */
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

    private static final String CREATE = "create";
    private static final String CREATE_OR_UPDATE = "createOrUpdate";

    /** The identity as an export tells of it. */
    public static BulkItem exported(Identity identity, boolean withKeys) {
        var id = identity.id().device().value();
        var etag = identity.etag().value();
        var authentication = AuthenticationDocument.exported(identity.authentication(), withKeys);
        return switch (identity.kind()) {
            case Identity.Kind.Device device ->
                new BulkItem(
                        id,
                        null,
                        etag,
                        null,
                        device.status().wireName(),
                        device.statusReason().orElse(null),
                        authentication,
                        new DeviceDocument.CapabilitiesDocument(device.edge() instanceof EdgeRole.Edge),
                        DeviceDocument.deviceScope(device.edge()).orElse(null),
                        device.edge().parent().map(List::of).orElse(null),
                        null,
                        null,
                        null);
            case Identity.Kind.Module module ->
                new BulkItem(
                        id,
                        identity.id().module().orElseThrow().value(),
                        etag,
                        null,
                        DeviceStatus.ENABLED.wireName(), // the .NET SDK reads no line without a status
                        null,
                        authentication,
                        null,
                        null,
                        null,
                        module.managedBy().orElse(null),
                        null,
                        null);
        };
    }

    /**
     * As an item of a bulk request, which creates unless it says otherwise.
     *
     * @throws HubException what is wrong with the item
     */
    IdentityChange change() {
        return change(CREATE);
    }

    /**
     * As a line of an import, which creates or updates unless it says otherwise.
     *
     * @throws HubException what is wrong with the line; one that writes a device must say its status
     */
    public IdentityChange importChange() {
        var change = change(CREATE_OR_UPDATE);
        if (!(change instanceof IdentityChange.Delete) && !change.identity().isModule() && status == null) {
            throw invalid("status is missing");
        }
        return change;
    }

    private IdentityChange change(String usualMode) {
        if (id == null || id.isEmpty()) {
            throw invalid("id is missing");
        }
        var identity = identity(id);
        var mode = importMode == null || importMode.isEmpty() ? usualMode : importMode;
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "create" -> new IdentityChange.Put(identity, new Precondition.Absent(), spec(identity));
            case "update" -> new IdentityChange.Put(identity, new Precondition.Exists(), spec(identity));
            case "updateifmatchetag" -> new IdentityChange.Put(identity, matching(), spec(identity));
            case "createorupdate" ->
                new IdentityChange.CreateOrReplace(identity, new Precondition.Exists(), spec(identity));
            case "createorupdateifmatchetag" ->
                new IdentityChange.CreateOrReplace(identity, matching(), spec(identity));
            case "delete" -> new IdentityChange.Delete(identity, new Precondition.Exists());
            case "deleteifmatchetag" -> new IdentityChange.Delete(identity, matching());
            case "updatetwin", "updatetwinifmatchetag" -> throw invalid("this hub has no twins that could be updated");
            default ->
                throw invalid("importMode is none of create, update, updateIfMatchETag, createOrUpdate,"
                        + " createOrUpdateIfMatchETag, delete, deleteIfMatchETag");
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
