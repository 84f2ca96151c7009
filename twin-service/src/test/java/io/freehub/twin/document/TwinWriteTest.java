package io.freehub.twin.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a body, and what is refused. */
class TwinWriteTest {

    @Test
    void onlyTagsAndDesiredPropertiesAreRead() {
        var write = TwinWrite.patch(json("""
                {"deviceId":null,"etag":7,"version":"","reported":[],"Tags":{"a":1},
                 "properties":{"reported":"x","Desired":{"b":2,"$metadata":{"b":{"$lastUpdated":"x"}},"$version":9}}}"""));

        assertThat(write.tags()).contains(json("{\"a\":1}"));
        assertThat(write.desired()).contains(json("{\"b\":2}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"properties\":null}", "{\"tags\":{},\"properties\":{\"desired\":{\"$version\":4}}}"})
    void sectionWithoutMembersSaysNothingInAPatch(String body) {
        assertThat(TwinWrite.patch(json(body)).tags()).isEmpty();
        assertThat(TwinWrite.patch(json(body)).desired()).isEmpty();
        assertThat(TwinWrite.patch(json(body)).of(filled()).tags()).isEmpty();
        assertThat(TwinWrite.patch(json(body)).of(filled()).desired()).isEmpty();
    }

    @Test
    void sectionThatIsNullTakesAllItsMembersAwayInAPatch() {
        var tags = TwinWrite.patch(json("{\"tags\":null}")).of(filled());
        var desired =
                TwinWrite.patch(json("{\"properties\":{\"desired\":null}}")).of(filled());

        assertThat(tags.tags()).contains(json("{\"a\":null,\"b\":null}"));
        assertThat(tags.desired()).isEmpty();
        assertThat(desired.tags()).isEmpty();
        assertThat(desired.desired()).contains(json("{\"c\":null}"));
        assertThat(filled().apply(desired, Instant.EPOCH).desired().values()).isEqualTo(Json.Fields.NONE);
    }

    @Test
    void sectionThatIsNullSaysNothingInAReplacement() {
        var write = TwinWrite.replacement(json("{\"tags\":null,\"properties\":{\"desired\":null}}"));

        assertThat(write.tags()).isEmpty();
        assertThat(write.desired()).isEmpty();
    }

    private static Twin filled() {
        return Twin.FRESH.apply(
                TwinWrite.patch(json("{\"tags\":{\"a\":1,\"b\":{\"x\":1}},\"properties\":{\"desired\":{\"c\":2}}}")),
                Instant.EPOCH);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'tags':[]}                                       | tags must be an object",
                "{'properties':'x'}                                | properties must be an object",
                "{'properties':{'desired':1}}                      | properties.desired must be an object",
                "{'tags':{'a.b':1}}                                | tags has the key 'a.b'",
                "{'tags':{'x':{'a b':1}}}                          | tags.x has the key 'a b'",
                "{'tags':{'$a':1}}                                 | tags has the key '$a'",
                "{'tags':{'a#':1}}                                 | tags has the key 'a#'",
                "{'tags':{'a\\u0001':1}}                           | tags has the key 'a?'",
                "{'tags':{'a\\u0085':1}}                           | tags has the key",
                "{'properties':{'desired':{'a':{'b':[1,null]}}}}   | properties.desired.a.b[1] has null in an array",
                "{'tags':{'a':[{'b':null}]}}                       | tags.a[0].b has null in an array",
                "{'tags':{'a':4503599627370496}}                   | tags.a has an integer",
                "{'tags':{'a':-4503599627370497}}                  | tags.a has an integer",
                "{'tags':{'a':123456789012345678901234567890}}     | tags.a has an integer",
                "{'tags':{'a':1e400}}                              | tags.a has a number",
                "{'tags':{'a':1e-400}}                             | tags.a has a number",
                "{'tags':{'a':0e99999}}                            | tags.a has a number",
                "{'tags':{'a':'\\u0000'}}                          | tags.a has U+0000",
                "{'tags':{'a':'\\ud800'}}                          | tags.a has U+0000 or half"
            })
    void whatBreaksARuleIsNamedByItsPath(String body, String message) {
        assertRefused(body.replace('\'', '"'), message);
    }

    @Test
    void limitsHoldToTheByte() {
        assertAccepted(tag("k".repeat(1024), "1"));
        assertRefused(tag("k".repeat(1025), "1"), "tags has a key of 1025 bytes");
        assertRefused(tag("ö".repeat(513), "1"), "tags has a key of 1026 bytes");
        assertAccepted(tag("a", '"' + "v".repeat(4096) + '"'));
        assertRefused(tag("a", '"' + "v".repeat(4097) + '"'), "tags.a has a string of 4097 bytes");
        assertAccepted(tag("a", "4503599627370495"));
        assertAccepted(tag("a", "-4503599627370496"));
        assertAccepted(tag("a", "1e21"));
        assertAccepted(tag("", "0.0"));
        assertAccepted(tag("größe", "\"\\u0007\""));
    }

    @Test
    void objectsGoTenLevelsDeep() {
        assertAccepted("{\"tags\":" + "{\"a\":".repeat(10) + "{\"a\":1}" + "}".repeat(10) + "}");
        assertRefused("{\"tags\":" + "{\"a\":".repeat(11) + "{}" + "}".repeat(11) + "}", "has an object at level 11");
    }

    @Test
    void sectionHasASizeThatCountsKeysAndValues() {
        // 3 * (4 + 2720) + 1 + 8 + 1 + 4 + 6 = 8192
        var full =
                "\"aaaa\":\"%1$s\",\"bbbb\":\"%1$s\",\"cccc\":\"%1$s\",\"d\":1.5,\"e\":[true],\"\\u00f6\":\"xx\\u0007yy\""
                        .formatted("v".repeat(2720));

        assertThat(TwinRules.size(json("{" + full + "}"))).isEqualTo(8192);
        assertAccepted("{\"tags\":{" + full + "}}");
        assertRefused(
                "{\"tags\":{" + full + ",\"f\":\"\"}}", "tags would be 8193 bytes large; it may have at most 8192");
        assertAccepted("{\"properties\":{\"desired\":{" + full + ",\"f\":\"\"}}}");
    }

    @Test
    void sizeCountsWhatIsThereAlready() {
        var half = "\"" + "v".repeat(4096) + "\"";
        var twin = Twin.FRESH.apply(TwinWrite.patch(json(tag("a", half))), Instant.EPOCH);

        assertThatThrownBy(() -> twin.apply(TwinWrite.patch(json(tag("b", half))), Instant.EPOCH))
                .hasMessageContaining("tags would be 8194 bytes large");
        assertThatCode(() -> twin.apply(TwinWrite.replacement(json(tag("b", half))), Instant.EPOCH))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"tags\":{%s}}", "{\"properties\":{\"desired\":{%s}}}"})
    void whatTheSizeDoesNotCountHasABoundToo(String body) {
        var empty = "\"a\":[" + "[],".repeat(90_000) + "[]]";
        var controls = IntStream.range(0, 11)
                .mapToObj(i -> "\"" + i + "\":\"" + "\\u0001".repeat(4_096) + "\"")
                .collect(Collectors.joining(","));

        assertRefused(body.formatted(empty), "would be 270010 characters of JSON; it may have at most 262144");
        assertRefused(body.formatted(controls), "characters of JSON; it may have at most 262144");
        assertAccepted(body.formatted("\"a\":[" + "[],".repeat(80_000) + "[]]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "{\"a\":1", "{} {}", "[1]", "1", "{\"a\":NaN}", "{\"a\":01}"})
    void whatIsNoJsonObjectIsRefused(String body) {
        assertThatThrownBy(() -> json(body)).isInstanceOfSatisfying(HubException.class, refused -> assertThat(
                        refused.error().httpStatus())
                .isEqualTo(400));
    }

    @Test
    void nestingHasABound() {
        assertThatThrownBy(() -> json("{\"a\":" + "[".repeat(100_000)))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("100 levels");
    }

    private static String tag(String key, String value) {
        return "{\"tags\":{\"" + key + "\":" + value + "}}";
    }

    private static void assertAccepted(String body) {
        assertThatCode(() -> Twin.FRESH.apply(TwinWrite.patch(json(body)), Instant.EPOCH))
                .doesNotThrowAnyException();
    }

    private static void assertRefused(String body, String message) {
        assertThatThrownBy(() -> Twin.FRESH.apply(TwinWrite.patch(json(body)), Instant.EPOCH))
                .isInstanceOfSatisfying(HubException.class, refused -> {
                    assertThat(refused.error()).isEqualTo(HubError.ARGUMENT_INVALID);
                    assertThat(refused).hasMessageContaining(message);
                });
    }

    private static Json.Fields json(String text) {
        return JsonText.readObject(text);
    }
}
