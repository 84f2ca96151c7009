package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwinTopicTest {

    @ParameterizedTest
    @CsvSource({
        "$iothub/twin/GET/?$rid=a-1, GET, a-1,",
        "$iothub/twin/GET/?$rid=a%20b/ü?=c, GET, a%20b/ü?=c,",
        "$iothub/twin/GET/?x&y=&$rid=1&$rid=2&z, GET, 1,",
        "$iothub/twin/GET/?%24rid=1, GET,,",
        "$iothub/twin/GET/, GET,,",
        "$iothub/twin/GET/?, GET,,",
        "$iothub/twin/GET/?$rid=, GET,,",
        "$iothub/twin/GET/?$rid=a+b, GET,,",
        "$iothub/twin/PATCH/properties/reported/?$rid=7, REPORT, 7,",
        "$iothub/twin/PATCH/properties/reported/?$version=3&$rid=7, REPORT, 7, 3",
        "$iothub/twin/PATCH/properties/reported/?$rid=7&$version=x, REPORT, 7, x"
    })
    void parametersComeInAnyOrder(String topic, TwinTopic.Operation operation, String requestId, String version) {
        assertThat(TwinTopic.parse(topic))
                .isEqualTo(new TwinTopic(operation, Optional.ofNullable(requestId), Optional.ofNullable(version)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$iothub/twin/GET",
                "$iothub/twin/GET/x?$rid=1",
                "$iothub/twin/get/?$rid=1",
                "$iothub/twin/PATCH/properties/desired/?$rid=1",
                "$iothub/twin/PATCH/properties/reported?$rid=1",
                "$iothub/twin/res/200/?$rid=1",
                "$iothub/twin/",
                ""
            })
    void otherTopicsAreRefused(String topic) {
        assertThatThrownBy(() -> TwinTopic.parse(topic)).isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void answerNamesTheVersionLast() {
        assertThat(TwinTopic.answer(204, "7", Optional.of(4L))).isEqualTo("$iothub/twin/res/204/?$rid=7&$version=4");
        assertThat(TwinTopic.answer(200, "7", Optional.empty())).isEqualTo("$iothub/twin/res/200/?$rid=7");
        assertThat(TwinTopic.desired(16)).isEqualTo("$iothub/twin/PATCH/properties/desired/?$version=16");
    }
}
