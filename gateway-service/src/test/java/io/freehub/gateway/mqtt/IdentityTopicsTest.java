package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.IdentityId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTopicsTest {

    private final IdentityTopics topics = new IdentityTopics(IdentityId.parse("a#b"));

    @ParameterizedTest
    @CsvSource({
        "devices/a#b/messages/events,''",
        "devices/a#b/messages/events/,''",
        "devices/a#b/messages/events/x=1,x=1",
        "devices/a#b/messages/events/x=1/2/,x=1/2/"
    })
    void bagIsWhatFollows(String topic, String bag) {
        assertThat(topics.bag(buffer(topic)).toString(StandardCharsets.UTF_8)).isEqualTo(bag);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices/other/messages/events/",
                "devices/a#b/messages/eventsx",
                "devices/a#b/messages/event",
                "devices/A#b/messages/events/",
                "devices/+/messages/events/",
                "$iothub/twin/GET/?$rid=1",
                ""
            })
    void otherTopicsHaveNone(String topic) {
        assertThat(topics.bag(buffer(topic))).isNull();
    }

    @Test
    void onlyItsOwnMessagesAreGranted() {
        assertThat(topics.grants("devices/a#b/messages/devicebound/#")).isTrue();
        assertThat(topics.grants("devices/other/messages/devicebound/#")).isFalse();
        assertThat(topics.grants("devices/+/messages/devicebound/#")).isFalse();
        assertThat(topics.grants("#")).isFalse();
        assertThat(topics.grants("$iothub/twin/res/#")).isTrue();
        assertThat(topics.grants("$iothub/twin/PATCH/properties/desired/#")).isTrue();
        assertThat(topics.grants("$iothub/twin/#")).isFalse();
    }

    @Test
    void moduleHasTopicsOfItsOwn() {
        var module = new IdentityTopics(IdentityId.parse("a#b/m"));

        assertThat(module.bag(buffer("devices/a#b/modules/m/messages/events/%24.on=out/"))
                        .toString(StandardCharsets.UTF_8))
                .isEqualTo("%24.on=out/");
        assertThat(module.bag(buffer("devices/a#b/messages/events/"))).isNull();
        assertThat(topics.bag(buffer("devices/a#b/modules/m/messages/events/"))).isNull();
        assertThat(module.grants("devices/a#b/modules/m/messages/devicebound/#"))
                .isTrue();
        assertThat(module.grants("devices/a#b/modules/m/inputs/#")).isTrue();
        assertThat(module.grants("devices/a#b/modules/m/#")).isTrue();
        assertThat(module.grants("devices/a#b/messages/devicebound/#")).isFalse();
    }

    private static ByteBuf buffer(String topic) {
        return Unpooled.copiedBuffer(topic, StandardCharsets.UTF_8);
    }
}
