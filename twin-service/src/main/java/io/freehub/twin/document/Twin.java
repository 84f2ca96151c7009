package io.freehub.twin.document;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * What a back end wants of a device or module ({@code desired}), what that says of itself ({@code reported}), and what the
 * back end notes down about it ({@code tags}).
 *
 * @param version counts all writes; that of a new twin is 2, as IoT Hub has it
 * @param writes counts those of back ends, from 1; the entity tag is made of it
 */
public record Twin(Json.Fields tags, Section desired, Section reported, long version, long writes) {

    /** The twin of a new device or module. */
    public static final Twin FRESH = new Twin(Json.Fields.NONE, Section.FRESH, Section.FRESH, 2, 1);

    /** Tag of this version for back ends: base64 of eight bytes. */
    public String etag() {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(Long.BYTES).putLong(writes).array());
    }

    /**
     * The twin after a write of a back end. A write that changes nothing counts like any other.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when a section would become
     *     too large
     */
    public Twin apply(TwinWrite write, Instant now) {
        var stamp = new Metadata.Stamp(now.truncatedTo(ChronoUnit.MILLIS), Optional.of(desired.version() + 1));
        var next =
                switch (write.of(this)) {
                    case TwinWrite.Patch(var tagsPatch, var desiredPatch, var _) ->
                        with(tagsPatch.map(tags::merge), desiredPatch.map(patch -> desired.merge(patch, stamp)));
                    case TwinWrite.Replacement(var newTags, var newDesired) ->
                        with(
                                newTags.map(Json.Fields.NONE::merge),
                                newDesired.map(body -> desired.replace(body, stamp)));
                };
        write.tags().ifPresent(_ -> TwinRules.TAGS.checkSize(next.tags));
        write.desired().ifPresent(_ -> TwinRules.DESIRED.checkSize(next.desired.values()));
        return next;
    }

    private Twin with(Optional<Json.Fields> newTags, Optional<Section> newDesired) {
        return new Twin(newTags.orElse(tags), newDesired.orElse(desired), reported, version + 1, writes + 1);
    }

    /**
     * What an event tells of the write that led here: of a patch the members that it named, as {@link TwinWrite#of} has it, of a
     * replacement the whole.
     * Whose it is, is not in it.
     *
     * <p>Source: IoT Hub, "twin change events".
     */
    public Json.Fields changes(TwinWrite write) {
        return switch (write) {
            case TwinWrite.Patch(var tagsPatch, var desiredPatch, var _) -> {
                var json = Json.Fields.NONE.with("version", Json.Number.of(version));
                json = tagsPatch.isEmpty() ? json : json.with("tags", tagsPatch.get());
                yield desiredPatch.isEmpty()
                        ? json
                        : json.with(
                                "properties", Json.Fields.NONE.with("desired", desired.changed(desiredPatch.get())));
            }
            case TwinWrite.Replacement _ -> json();
        };
    }

    /**
     * The twin after a device or module has merged into its reported properties. A patch that changes nothing counts like
     * any other.
     *
     * @param expected version that the reported properties must have; empty when any will do
     * @throws HubException {@link HubError#PRECONDITION_FAILED} when they have another,
     *     {@link HubError#ARGUMENT_INVALID} naming the path of what breaks a rule, or when they would become too large
     */
    public Twin report(Json.Fields patch, Optional<Long> expected, Instant now) {
        if (expected.filter(version -> version != reported.version()).isPresent()) {
            throw new HubException(
                    HubError.PRECONDITION_FAILED,
                    "the reported properties have version " + reported.version() + ", not " + expected.get());
        }
        TwinRules.REPORTED.check(patch);
        var stamp = new Metadata.Stamp(now.truncatedTo(ChronoUnit.MILLIS), Optional.empty());
        var next = reported.merge(patch, stamp);
        TwinRules.REPORTED.checkSize(next.values());
        return new Twin(tags, desired, next, version + 1, writes);
    }

    /** What an event tells of the patch that led here. */
    public Json.Fields reportedChanges(Json.Fields patch) {
        return Json.Fields.NONE
                .with("version", Json.Number.of(version))
                .with("properties", Json.Fields.NONE.with("reported", reported.changed(patch)));
    }

    /**
     * What the device or module is told of the write that led here: of a patch the members that it named, of a
     * replacement all desired properties; empty when it wrote none.
     */
    public Optional<Json.Fields> desiredChange(TwinWrite write) {
        return write.desired()
                .map(written -> desired.withVersion(
                        switch (write) {
                            case TwinWrite.Patch _ -> written;
                            case TwinWrite.Replacement _ -> desired.values();
                        }));
    }

    /** The properties as their device or module reads them. */
    public Json.Fields properties() {
        return Json.Fields.NONE.with("desired", desired.withVersion()).with("reported", reported.withVersion());
    }

    /** The JSON of a twin or of a part of it, with whose it is before everything else. */
    public static Json.Fields named(IdentityId identity, Json.Fields json) {
        var members = new LinkedHashMap<String, Json>();
        members.put("deviceId", new Json.Text(identity.device().value()));
        identity.module().ifPresent(module -> members.put("moduleId", new Json.Text(module.value())));
        members.putAll(json.members());
        return new Json.Fields(members);
    }

    /** Tag, version, tags unless there are none, and properties, as clients read them. */
    public Json.Fields json() {
        var json = Json.Fields.NONE.with("etag", new Json.Text(etag())).with("version", Json.Number.of(version));
        return (tags.isEmpty() ? json : json.with("tags", tags))
                .with(
                        "properties",
                        Json.Fields.NONE.with("desired", desired.json()).with("reported", reported.json()));
    }
}
