package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PropertyBagTest {

    @Test
    void nodeEncodesKeysAndValues() {
        var properties = PropertyBag.parse("%24.mid=7f3&%24.ct=application%2Fjson&%24.ce=utf-8&alert=true");

        assertThat(properties.system())
                .isEqualTo(Map.of(
                        SystemProperty.MESSAGE_ID, "7f3",
                        SystemProperty.CONTENT_TYPE, "application/json",
                        SystemProperty.CONTENT_ENCODING, "utf-8"));
        assertThat(properties.application()).containsExactly(property("alert", "true"));
    }

    @Test
    void javaLeavesTheDollarRaw() {
        assertThat(PropertyBag.parse("$.mid=1").system(SystemProperty.MESSAGE_ID))
                .contains("1");
    }

    @Test
    void cEncodesNothingAndPutsItsOwnFirst() {
        var properties = PropertyBag.parse("alert=true&%24.mid=7f3&%24.ct=application/json");

        assertThat(properties.system(SystemProperty.CONTENT_TYPE)).contains("application/json");
        assertThat(properties.application()).containsExactly(property("alert", "true"));
    }

    @Test
    void plusIsAPlus() {
        assertThat(PropertyBag.parse("x=a+b%20c").application()).containsExactly(property("x", "a+b c"));
    }

    @Test
    void nameWithoutEqualsHasNoValueAndOneWithNothingBehindItAnEmptyOne() {
        assertThat(PropertyBag.parse("k&e=").application())
                .containsExactly(new Application("k", Optional.empty()), property("e", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "?", "?/", "&&"})
    void nothingIsNothing(String bag) {
        assertThat(PropertyBag.parse(bag)).isEqualTo(MessageProperties.NONE);
    }

    @Test
    void oneSlashAtTheEndIsNoPartOfTheLastValue() {
        assertThat(PropertyBag.parse("%24.mid=1&a=b/").application()).containsExactly(property("a", "b"));
    }

    @Test
    void brokenEscapesStayAsTheyAre() {
        assertThat(PropertyBag.parse("a=50%&b=%zz&c=%ff").application())
                .containsExactly(property("a", "50%"), property("b", "%zz"), property("c", "%ff"));
    }

    @Test
    void whatOnlyTheHubMaySayIsDropped() {
        var properties = PropertyBag.parse(
                "%24.cdid=other&iothub-connection-device-id=other&iothub-connection-auth-method=x&iothub-enqueuedtime=1");

        assertThat(properties).isEqualTo(MessageProperties.NONE);
    }

    @Test
    void unknownSystemPropertyIsPassedOver() {
        assertThat(PropertyBag.parse("%24.new=1&a=b").application()).containsExactly(property("a", "b"));
    }

    @Test
    void namesThatDifferByCaseAreOne() {
        assertThat(PropertyBag.parse("Alert=1&alert=2").application()).containsExactly(property("Alert", "1"));
    }

    @Test
    void creationTimeMayComeUnderItsOwnName() {
        assertThat(PropertyBag.parse("iothub-creation-time-utc=2026-01-01T00:00:00Z")
                        .system(SystemProperty.CREATION_TIME))
                .contains("2026-01-01T00:00:00Z");
    }

    private static Application property(String name, String value) {
        return new Application(name, Optional.of(value));
    }
}
