package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsernameTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hub.example/d1/?api-version=2021-04-12&DeviceClientType=x  | d1    | 2021-04-12
            hub.example/d1/api-version=2016-11-14&DeviceClientType=x   | d1    | 2016-11-14
            hub.example/d1?api-version=2021-04-12                      | d1    | 2021-04-12
            hub.example/d1                                             | d1    | none
            hub.example/d1/                                            | d1    | none
            hub.example/d1/m1/?api-version=2021-04-12                  | d1/m1 | 2021-04-12
            hub.example/d1/m1                                          | d1/m1 | none
            hub.example/d?x#+/?api-version=2021-04-12                  | d?x#+ | 2021-04-12
            hub.example/d%20x/?DeviceClientType=a/b&api-version=1      | d%20x | 1
            hub.example/d1/?api-version=1&api-version=2                | d1    | 1
            """)
    void everySpellingOfTheSdksIsRead(String text, String identity, String version) {
        var username = Username.parse(text);

        assertThat(username.hub()).isEqualTo("hub.example");
        assertThat(username.identity()).hasToString(identity);
        assertThat(username.query().getOrDefault("api-version", "none")).isEqualTo(version);
    }

    @ParameterizedTest
    @CsvSource({"dtmi:com:example:X;1", "dtmi%3Acom%3Aexample%3AX%3B1"})
    void modelIdMayBeRawOrEncoded(String model) {
        assertThat(Username.parse("h/d/?api-version=2021-04-12&model-id=" + model)
                        .modelId())
                .contains("dtmi:com:example:X;1");
    }

    @ParameterizedTest
    @CsvSource({"hub.example", "hub.example/", "hub.example/d1/m1/x/?api-version=1", "hub.example/d 1/?api-version=1"})
    void whatNamesNoDeviceIsRefused(String text) {
        assertThatThrownBy(() -> Username.parse(text)).isInstanceOf(HubException.class);
    }

    @Test
    void idThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> Username.parse("h/" + "d".repeat(129) + "/?api-version=1"))
                .hasMessageContaining("1 to 128");
    }
}
