package io.freehub.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.query.Query.Source;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration may aim at. */
class TargetTest {

    @ParameterizedTest
    @ValueSource(strings = {"", " \n"})
    void givenNoText_thenNothing(String text) {
        assertThat(QueryParser.parseTarget(text)).isEqualTo(new Target.Nothing());
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", " * ", "from devices"})
    void givenAStar_thenAllDevices(String text) {
        assertThat(QueryParser.parseTarget(text)).isEqualTo(new Target.Twins(Source.DEVICES, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tags.environment='test'",
                "TAGS.a = 1 AND devices.deviceId = 'd'",
                "properties.reported.a.b[0] != 2 OR is_defined(tags.x) OR deviceId IN ['a']",
                "array_contains(properties.reported.$metadata.x, 1)"
            })
    void givenACondition_thenTheDevicesThatMeetIt(String text) {
        assertThat(QueryParser.parseTarget(text))
                .isEqualTo(new Target.Twins(Source.DEVICES, Optional.of(QueryParser.parseCondition(text))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"FROM devices.modules WHERE ", "from Devices.MODULES\nwhere "})
    void givenModules_thenThoseThatMeetTheCondition(String start) {
        var condition = "moduleId = 'm' and tags.a = 1";
        assertThat(QueryParser.parseTarget(start + condition))
                .isEqualTo(new Target.Twins(Source.MODULES, Optional.of(QueryParser.parseCondition(condition))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tags.a = 1 AND properties.desired.x = 1 | 1 | 16 | not 'properties.desired.x'",
                "status = 'enabled' | 1 | 1 | not 'status'",
                "moduleId = 'm' | 1 | 1 | a target condition may name deviceId, tags",
                "FROM devices.modules WHERE connectionState = 'Connected' | 1 | 28 | may name deviceId, moduleId, tags",
                "FROM devices.jobs WHERE deviceId = 'd' | 1 | 6 | aims at devices or devices.modules",
                "FROM nowhere | 1 | 6 | there is no 'nowhere'",
                "deviceId.x = 1 | 1 | 1 | not 'deviceId.x'",
                "properties = 1 | 1 | 1 | not 'properties'",
                "SELECT * FROM devices | 1 | 1 | unexpected 'SELECT'",
                "tags.a = | 1 | 9 | the text ends here"
            })
    void givenAnythingElse_thenRefusedWithItsPlace(String text, int line, int column, String problem) {
        assertThatThrownBy(() -> QueryParser.parseTarget(text))
                .isInstanceOfSatisfying(QueryException.class, refused -> {
                    assertThat(refused.line()).isEqualTo(line);
                    assertThat(refused.column()).isEqualTo(column);
                    assertThat(refused).hasMessageContaining(problem);
                });
    }
}
