package io.freehub.twin.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a write makes of a twin. */
class TwinTest {

    private static final Instant NOW = Instant.parse("2026-08-15T09:07:36.123456789Z");
    private static final String STAMP = "\"$lastUpdated\":\"2026-08-15T09:07:36.123Z\",\"$lastUpdatedVersion\":";

    @Test
    void newTwinIsAsIotHubHasIt() {
        assertThat(JsonText.write(Twin.FRESH.json()))
                .isEqualTo("{\"etag\":\"AAAAAAAAAAE=\",\"version\":2,\"properties\":{"
                        + "\"desired\":{\"$metadata\":{\"$lastUpdated\":\"0001-01-01T00:00:00Z\"},\"$version\":1},"
                        + "\"reported\":{\"$metadata\":{\"$lastUpdated\":\"0001-01-01T00:00:00Z\"},\"$version\":1}}}");
    }

    @Test
    void eachWriteCountsAndOnlyThatOfDesiredPropertiesMovesTheirVersion() {
        var first = patch(Twin.FRESH, "{'properties':{'desired':{'a':1}}}");
        var tagsOnly = patch(first, "{'tags':{'a':1}}");
        var both = patch(tagsOnly, "{'tags':{'b':1},'properties':{'desired':{'a':1}}}");
        var gone = patch(both, "{'properties':{'desired':{'a':null}}}");

        assertThat(first).extracting(Twin::version, Twin::etag).containsExactly(3L, "AAAAAAAAAAI=");
        assertThat(tagsOnly).extracting(Twin::version, Twin::etag).containsExactly(4L, "AAAAAAAAAAM=");
        assertThat(new long[] {
                    first.desired().version(),
                    tagsOnly.desired().version(),
                    both.desired().version(),
                    gone.desired().version()
                })
                .containsExactly(2, 2, 3, 4);
        assertThat(gone.reported()).isEqualTo(Section.FRESH);
    }

    @Test
    void reportCountsAndLeavesWhatIsOfBackEndsAlone() {
        var before = patch(Twin.FRESH, "{'tags':{'t':1},'properties':{'desired':{'d':1}}}");

        var after = before.report(fields("{\"a\":1.0,\"b\":null}"), Optional.of(1L), NOW);

        assertThat(after).extracting(Twin::version, Twin::etag).containsExactly(4L, before.etag());
        assertThat(after.tags()).isEqualTo(before.tags());
        assertThat(JsonText.write(after.properties()))
                .isEqualTo("{\"desired\":{\"d\":1,\"$version\":2},\"reported\":{\"a\":1.0,\"$version\":2}}");
        assertThat(JsonText.write(after.reportedChanges(fields("{\"a\":1.0,\"b\":null}"))))
                .isEqualTo("{\"version\":4,\"properties\":{\"reported\":{\"a\":1.0,\"b\":null,\"$metadata\":{"
                        + "\"$lastUpdated\":\"2026-08-15T09:07:36.123Z\","
                        + "\"a\":{\"$lastUpdated\":\"2026-08-15T09:07:36.123Z\"}},\"$version\":2}}}");
    }

    @Test
    void reportForAnotherVersionIsRefused() {
        assertThatThrownBy(() -> Twin.FRESH.report(Json.Fields.NONE, Optional.of(2L), NOW))
                .isInstanceOfSatisfying(HubException.class, refused -> assertThat(refused.error())
                        .isEqualTo(HubError.PRECONDITION_FAILED));
    }

    private static Json.Fields fields(String json) {
        return JsonText.readObject(json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':1,'b':2}     | {'a':null}           | {'b':2}",
                "{'a':{'b':1}}     | {'a':{'b':null}}     | {'a':{}}",
                "{}                | {'a':{'b':null}}     | {'a':{}}",
                "{'a':{'b':1}}     | {'a':{'c':2}}        | {'a':{'b':1,'c':2}}",
                "{'a':{'b':1}}     | {'a':5}              | {'a':5}",
                "{'a':5}           | {'a':{'b':1}}        | {'a':{'b':1}}",
                "{'a':[1,2]}       | {'a':[3]}            | {'a':[3]}",
                "{'a':1}           | {'a':1.0}            | {'a':1.0}",
                "{'a':'x'}         | {'a':{}}             | {'a':{}}"
            })
    void patchMerges(String tags, String patch, String expected) {
        var before = patch(Twin.FRESH, "{'tags':" + tags + "}");

        assertThat(JsonText.write(patch(before, "{'tags':" + patch + "}").tags()))
                .isEqualTo(quoted(expected));
    }

    @Test
    void replacementDropsWhatItDoesNotNameInSectionsThatItNames() {
        var before = patch(Twin.FRESH, "{'tags':{'a':1},'properties':{'desired':{'b':{'c':1},'d':2}}}");

        var desiredOnly = replace(before, "{'tags':null,'properties':{'desired':{'b':{'e':null,'f':3}}}}");
        var empty = replace(before, "{'tags':{},'properties':{'desired':{}}}");

        assertThat(desiredOnly.tags()).isEqualTo(before.tags());
        assertThat(JsonText.write(desiredOnly.desired().values())).isEqualTo(quoted("{'b':{'f':3}}"));
        assertThat(empty.tags()).isEqualTo(Json.Fields.NONE);
        assertThat(empty.desired().values()).isEqualTo(Json.Fields.NONE);
        assertThat(empty.desired().version()).isEqualTo(3);
    }

    @Test
    void metadataTellsOfEachMemberWhenItWasWritten() {
        var first = patch(Twin.FRESH, "{'properties':{'desired':{'a':{'b':1,'c':[{'x':1}]},'d':1}}}");
        var second = first.apply(
                TwinWrite.patch(json("{'properties':{'desired':{'a':{'b':2},'d':null}}}")), NOW.plusSeconds(1));
        var later = STAMP.replace("36.123Z", "37.123Z");

        assertThat(JsonText.write(first.desired().metadata().json()))
                .isEqualTo("{" + STAMP + "2,\"a\":{" + STAMP + "2,\"b\":{" + STAMP + "2},\"c\":{" + STAMP
                        + "2}},\"d\":{" + STAMP + "2}}");
        assertThat(JsonText.write(second.desired().metadata().json()))
                .isEqualTo("{" + later + "3,\"a\":{" + later + "3,\"b\":{" + later + "3},\"c\":{" + STAMP + "2}}}");
        assertThat(Metadata.parse(second.desired().metadata().json()))
                .isEqualTo(second.desired().metadata());
    }

    @Test
    void eventOfAPatchTellsWhatItNamed() {
        var write = TwinWrite.patch(json("{'tags':{'t':null},'properties':{'desired':{'a':{'b':1},'c':null}}}"));
        var twin = patch(Twin.FRESH, "{'tags':{'t':1,'u':1},'properties':{'desired':{'c':1,'z':1}}}")
                .apply(write, NOW);

        assertThat(JsonText.write(twin.changes(write)))
                .isEqualTo(
                        "{\"version\":4,\"tags\":{\"t\":null},\"properties\":{\"desired\":{\"a\":{\"b\":1},\"c\":null,"
                                + "\"$metadata\":{" + STAMP + "3,\"a\":{" + STAMP + "3,\"b\":{" + STAMP
                                + "3}}},\"$version\":3}}}");
    }

    @Test
    void eventOfAReplacementTellsAll() {
        var write = TwinWrite.replacement(json("{'tags':{'t':1}}"));
        var twin = Twin.FRESH.apply(write, NOW);

        assertThat(twin.changes(write)).isEqualTo(twin.json());
    }

    private static Twin patch(Twin twin, String body) {
        return twin.apply(TwinWrite.patch(json(body)), NOW);
    }

    private static Twin replace(Twin twin, String body) {
        return twin.apply(TwinWrite.replacement(json(body)), NOW);
    }

    private static Json.Fields json(String text) {
        return JsonText.readObject(quoted(text));
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }
}
