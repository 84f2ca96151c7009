package io.freehub.twin.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentTest {

    @Test
    void pathsOfSettingsLeadIntoDesiredProperties() {
        var content = Content.parse(json("""
                {"deviceContent":{"properties.desired.fan.speed":3,"properties.desired.fan.mode":"auto",
                                  "properties.desired":{"lamp":{"on":true}}}}"""));

        assertThat(content).isInstanceOfSatisfying(Content.OfDevices.class, devices -> assertThat(
                        devices.settings().appliedTo(json("{\"mine\":1}")))
                .isEqualTo(json("{\"mine\":1,\"fan\":{\"speed\":3,\"mode\":\"auto\"}," + "\"lamp\":{\"on\":true}}")));
    }

    @Test
    void aDeploymentIsBaseWhenAModuleHasAllItsProperties() {
        var base = Content.parse(json("{\"modulesContent\":{\"$edgeAgent\":{\"properties.desired\":{\"a\":1}}}}"));
        var layered =
                Content.parse(json("{\"modulesContent\":{\"$edgeAgent\":{},\"m\":{\"properties.desired.a\":1}}}"));

        assertThat(((Content.OfEdge) base).isLayered()).isFalse();
        assertThat(((Content.OfEdge) layered).isLayered()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    {}                                                                  | content has none
                    {"deviceContent":{},"moduleContent":{}}                             | deviceContent and moduleContent
                    {"deviceContent":7}                                                 | content.deviceContent must be an object
                    {"deviceContent":{"tags.x":1}}                                      | 'tags.x'
                    {"deviceContent":{"properties.reported.x":1}}                       | 'properties.reported.x'
                    {"deviceContent":{"properties.desired":1}}                          | must be an object
                    {"deviceContent":{"properties.desired.a b":1}}                      | 'a b'
                    {"deviceContent":{"properties.desired.a":[null]}}                   | properties.desired.a[0]
                    {"modulesContent":{"$edgeHub":{}}}                                  | $edgeAgent
                    {"modulesContent":{"$edgeAgent":{},"a/b":{}}}                       | a/b
                    {"modulesContent":{"$edgeAgent":{"properties.desired":{},"properties.desired.a":1}}} | both""")
    void whatIsNoContentIsRefusedByName(String text, String named) {
        assertThatThrownBy(() -> Content.parse(json(text)))
                .isInstanceOfSatisfying(HubException.class, e -> assertThat(e.error())
                        .isEqualTo(HubError.INVALID_CONFIGURATION_CONTENT))
                .hasMessageContaining(named);
    }

    @Test
    void settingsThatGoLeaveNoEmptyObjectsBehindAndNothingElseAway() {
        var settings = new Settings(
                List.of(json("{\"fan\":{\"speed\":3,\"mode\":null}}"), json("{\"lamp\":{\"on\":true},\"x\":[1]}")),
                false);

        assertThat(settings.takenFrom(
                        json("{\"fan\":{\"speed\":9,\"mode\":1},\"lamp\":{\"on\":true},\"x\":2,\"y\":3}")))
                .isEqualTo(json("{\"fan\":{\"mode\":1},\"y\":3}"));
    }

    private static Json.Fields json(String text) {
        return JsonText.readObject(text);
    }
}
