package io.freehub.twin.document;

/**
 * Desired or reported properties.
 *
 * @param version counts the writes of this section, from 1
 */
public record Section(Json.Fields values, Metadata metadata, long version) {

    /** Name of the member with the metadata. */
    static final String METADATA = "$metadata";

    /** Name of the member with the version. */
    static final String VERSION = "$version";

    /** As a new twin has it. */
    static final Section FRESH = new Section(Json.Fields.NONE, Metadata.NEVER, 1);

    Section merge(Json.Fields patch, Metadata.Stamp stamp) {
        return new Section(values.merge(patch), metadata.merge(patch, stamp), version + 1);
    }

    Section replace(Json.Fields body, Metadata.Stamp stamp) {
        var next = Json.Fields.NONE.merge(body);
        return new Section(next, Metadata.of(next, stamp), version + 1);
    }

    /** As clients read it: the values, and beside them metadata and version. */
    public Json.Fields json() {
        return json(values, metadata, version);
    }

    /** The values that a patch brought, with their metadata. */
    Json.Fields changed(Json.Fields patch) {
        return json(patch, Metadata.of(patch, metadata.stamp()), version);
    }

    /** As devices read it: the values and the version. */
    Json.Fields withVersion() {
        return withVersion(values);
    }

    /** The values that a write brought, and the version that it made. */
    Json.Fields withVersion(Json.Fields written) {
        return written.with(VERSION, Json.Number.of(version));
    }

    private static Json.Fields json(Json.Fields values, Metadata metadata, long version) {
        return values.with(METADATA, metadata.json()).with(VERSION, Json.Number.of(version));
    }
}
