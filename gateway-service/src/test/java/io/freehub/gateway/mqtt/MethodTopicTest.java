package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MethodTopicTest {

    @ParameterizedTest
    @CsvSource({
        "$iothub/methods/res/200/?$rid=1f,200,1f",
        "$iothub/methods/res/-1/?$rid=1f,-1,1f",
        "$iothub/methods/res/2147483647/?$rid=A-b,2147483647,A-b",
        "$iothub/methods/res/0/?x=1&$rid=1%66&y,0,1%66"
    })
    void answerHasStatusAndCall(String topic, int status, String call) {
        assertThat(MethodTopic.parse(topic)).isEqualTo(new MethodTopic(status, Optional.of(call)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"$iothub/methods/res/200/", "$iothub/methods/res/200/?", "$iothub/methods/res/200/?rid=1"})
    void answerMayNameNoCall(String topic) {
        assertThat(MethodTopic.parse(topic).call()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$iothub/methods/res/",
                "$iothub/methods/res/200",
                "$iothub/methods/res//?$rid=1",
                "$iothub/methods/res/+1/?$rid=1",
                "$iothub/methods/res/1.0/?$rid=1",
                "$iothub/methods/res/2147483648/?$rid=1",
                "$iothub/methods/res/200/x?$rid=1",
                "$iothub/methods/POST/x/?$rid=1"
            })
    void otherTopicIsNone(String topic) {
        assertThatThrownBy(() -> MethodTopic.parse(topic)).isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void callHasNothingButItsIdBehindTheName() {
        assertThat(MethodTopic.call("reboot", "1f")).isEqualTo("$iothub/methods/POST/reboot/?$rid=1f");
        assertThat(MethodTopic.call("thermostat1*getMax-Min", "1f"))
                .isEqualTo("$iothub/methods/POST/thermostat1*getMax-Min/?$rid=1f");
    }

    @Test
    void nameIsNoWildcard() {
        assertThat(MethodTopic.call("a+b#", "1")).isEqualTo("$iothub/methods/POST/a%2Bb%23/?$rid=1");
    }
}
