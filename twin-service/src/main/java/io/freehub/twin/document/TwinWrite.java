package io.freehub.twin.document;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a back end writes of a twin. Clients send whole twins back: everything but tags and desired properties is passed
 * over unread, and a section that is missing stays as it is.
 */
public sealed interface TwinWrite {

    /** Of the tags; empty when they stay. */
    Optional<Json.Fields> tags();

    /** Of the desired properties; empty when they stay. */
    Optional<Json.Fields> desired();

    /**
     * Merges into what is there; a section without members says nothing, and one that is null takes away all of its members.
     *
     * <p>Source: the end-to-end tests of the Azure IoT SDK for Node.js.
     *
     * @param emptied sections that are null
     */
    record Patch(Optional<Json.Fields> tags, Optional<Json.Fields> desired, Set<Part> emptied) implements TwinWrite {

        public Patch {
            emptied = Set.copyOf(emptied);
        }

        /** One that leaves no section empty unless it names all that is in there. */
        public Patch(Optional<Json.Fields> tags, Optional<Json.Fields> desired) {
            this(tags, desired, Set.of());
        }
    }

    /** What back ends write. */
    enum Part {
        TAGS,
        DESIRED
    }

    /** Takes the place of what is there, section by section. */
    record Replacement(Optional<Json.Fields> tags, Optional<Json.Fields> desired) implements TwinWrite {}

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} naming the path of what breaks a rule */
    static TwinWrite patch(Json.Fields body) {
        var emptied = EnumSet.noneOf(Part.class);
        if (isNull(body, "tags")) {
            emptied.add(Part.TAGS);
        }
        if (object(body, "properties", "properties")
                .filter(properties -> isNull(properties, "desired"))
                .isPresent()) {
            emptied.add(Part.DESIRED);
        }
        return new Patch(
                tags(body).filter(section -> !section.isEmpty()),
                desired(body).filter(section -> !section.isEmpty()),
                emptied);
    }

    /** The same write of this twin: a patch that takes away all members of a section names each of them. */
    default TwinWrite of(Twin twin) {
        return switch (this) {
            case Patch(var tags, var desired, var emptied) ->
                new Patch(
                        emptied.contains(Part.TAGS) ? Optional.of(twin.tags().nulls()) : tags,
                        emptied.contains(Part.DESIRED)
                                ? Optional.of(twin.desired().values().nulls())
                                : desired);
            case Replacement replacement -> replacement;
        };
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} naming the path of what breaks a rule */
    static TwinWrite replacement(Json.Fields body) {
        return new Replacement(tags(body), desired(body));
    }

    private static Optional<Json.Fields> tags(Json.Fields body) {
        return section(body, "tags", TwinRules.TAGS);
    }

    private static Optional<Json.Fields> desired(Json.Fields body) {
        return object(body, "properties", "properties")
                .flatMap(properties -> section(properties, "desired", TwinRules.DESIRED));
    }

    private static Optional<Json.Fields> section(Json.Fields in, String name, TwinRules rules) {
        var section = object(in, name, rules.path()).map(found -> found.without(Section.METADATA, Section.VERSION));
        section.ifPresent(rules::check);
        return section;
    }

    private static boolean isNull(Json.Fields in, String name) {
        return in.getIgnoringCase(name).filter(Json.Null.class::isInstance).isPresent();
    }

    /** The object of this name, in whatever case it is written. */
    private static Optional<Json.Fields> object(Json.Fields in, String name, String path) {
        return in.getIgnoringCase(name).flatMap(member -> switch (member) {
            case Json.Null() -> Optional.empty();
            case Json.Fields fields -> Optional.of(fields);
            case Json.Items _, Json.Text _, Json.Number _, Json.Bool _ ->
                throw new HubException(HubError.ARGUMENT_INVALID, path + " must be an object");
        });
    }
}
