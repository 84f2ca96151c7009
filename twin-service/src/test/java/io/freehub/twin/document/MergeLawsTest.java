package io.freehub.twin.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for all objects and patches. */
class MergeLawsTest {

    private static final Metadata.Stamp EARLY = new Metadata.Stamp(Instant.EPOCH, Optional.of(1L));
    private static final Metadata.Stamp LATE = new Metadata.Stamp(Instant.EPOCH.plusSeconds(1), Optional.of(2L));

    @Property
    void textIsReadAsItWasWritten(@ForAll("patches") Json.Fields json) {
        var text = JsonText.write(json);

        assertThat(JsonText.readObject(text)).isEqualTo(json);
        assertThat(JsonText.write(JsonText.readObject(text))).isEqualTo(text);
    }

    @Property
    void mergingAgainChangesNothing(@ForAll("objects") Json.Fields object, @ForAll("patches") Json.Fields patch) {
        var once = object.merge(patch);

        assertThat(once.merge(patch)).isEqualTo(once);
    }

    @Property
    void mergingNothingChangesNothing(@ForAll("objects") Json.Fields object) {
        assertThat(object.merge(Json.Fields.NONE)).isEqualTo(object);
        assertThat(Json.Fields.NONE.merge(object)).isEqualTo(object);
        assertThat(object.merge(object)).isEqualTo(object);
    }

    @Property
    void noNullIsLeft(@ForAll("objects") Json.Fields object, @ForAll("patches") Json.Fields patch) {
        assertThat(JsonText.write(object.merge(patch))).doesNotContain("null");
    }

    @Property
    void membersThatAPatchDoesNotNameStay(@ForAll("objects") Json.Fields object, @ForAll("patches") Json.Fields patch) {
        var merged = object.merge(patch);

        assertThat(object.without(patch.members().keySet().toArray(String[]::new)))
                .isEqualTo(merged.without(patch.members().keySet().toArray(String[]::new)));
    }

    @Property
    void thePatchToATargetLeadsThere(@ForAll("objects") Json.Fields object, @ForAll("objects") Json.Fields target) {
        assertThat(object.merge(object.patchTo(target))).isEqualTo(target);
        assertThat(object.patchTo(object)).isEqualTo(Json.Fields.NONE);
    }

    @Property
    void metadataHasTheShapeOfTheValues(@ForAll("objects") Json.Fields object, @ForAll("patches") Json.Fields patch) {
        var merged = Metadata.of(object, EARLY).merge(patch, LATE);

        assertThat(shape(merged)).isEqualTo(shape(object.merge(patch)));
    }

    @Property
    void metadataIsReadAsItWasWritten(@ForAll("objects") Json.Fields object) {
        var metadata = Metadata.of(object, EARLY);

        assertThat(Metadata.parse(JsonText.readObject(JsonText.write(metadata.json()))))
                .isEqualTo(metadata);
    }

    @Provide
    Arbitrary<Json.Fields> objects() {
        return fields(false, 3);
    }

    @Provide
    Arbitrary<Json.Fields> patches() {
        return fields(true, 3);
    }

    private static Arbitrary<Json.Fields> fields(boolean nulls, int depth) {
        return Arbitraries.maps(Arbitraries.of("a", "b", "c", "ö", ""), value(nulls, depth))
                .ofMaxSize(4)
                .map(Json.Fields::new);
    }

    private static Arbitrary<Json> value(boolean nulls, int depth) {
        Arbitrary<Json> leaf = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(5).alpha().map(Json.Text::new),
                Arbitraries.of("0", "1", "1.0", "1.50", "-2e3", "1E+21", "0.1").map(Json.Number::new),
                Arbitraries.of(true, false).map(Json.Bool::new),
                nulls ? Arbitraries.just(new Json.Null()) : Arbitraries.just(new Json.Text("")));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<Json> items = Combinators.combine(leaf(leaf), leaf(leaf))
                .as((first, second) -> new Json.Items(List.of(first, second)));
        return Arbitraries.oneOf(leaf, items, fields(nulls, depth - 1).map(fields -> fields));
    }

    /** In arrays there is no null. */
    private static Arbitrary<Json> leaf(Arbitrary<Json> any) {
        return any.filter(value -> !(value instanceof Json.Null));
    }

    private static Object shape(Json value) {
        return value instanceof Json.Fields(var members)
                ? members.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> shape(entry.getValue())))
                : Map.of();
    }

    private static Object shape(Metadata metadata) {
        return metadata.members().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> shape(entry.getValue())));
    }
}
