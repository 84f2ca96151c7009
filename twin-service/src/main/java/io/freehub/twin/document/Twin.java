package io.freehub.twin.document;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
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
     * @throws io.freehub.model.HubException {@link io.freehub.model.HubError#ARGUMENT_INVALID} when a section would become
     *     too large
     */
    public Twin apply(TwinWrite write, Instant now) {
        var stamp = new Metadata.Stamp(now.truncatedTo(ChronoUnit.MILLIS), Optional.of(desired.version() + 1));
        var next =
                switch (write) {
                    case TwinWrite.Patch(var tagsPatch, var desiredPatch) ->
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
     * What an event tells of the write that led here: of a patch the members that it named, of a replacement the whole.
     * Whose it is, is not in it.
     *
     * <p>Source: IoT Hub, "twin change events".
     */
    public Json.Fields changes(TwinWrite write) {
        return switch (write) {
            case TwinWrite.Patch(var tagsPatch, var desiredPatch) -> {
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

    /** Tag, version, tags unless there are none, and properties, as clients read them. */
    public Json.Fields json() {
        var json = Json.Fields.NONE.with("etag", new Json.Text(etag())).with("version", Json.Number.of(version));
        return (tags.isEmpty() ? json : json.with("tags", tags))
                .with(
                        "properties",
                        Json.Fields.NONE.with("desired", desired.json()).with("reported", reported.json()));
    }
}
