package io.freehub.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceMessageTest {

    @Test
    void itemsComeInTheirOrderWithTheirProperties() {
        var batch = read("""
                [
                 {"body":"eyJ0IjoxfQ==","base64Encoded":true,"properties":{"iothub-app-alert":"true","iothub-messageid":"1"}},
                 {"body": "aGVsbG8=","properties":{}},
                 {"body":"plän","base64Encoded":false,"unknown":1},
                 {"body":"","base64Encoded":null,"properties":null}
                ]""");

        assertThat(batch.stream().map(message -> new String(message.body(), StandardCharsets.UTF_8)))
                .containsExactly("{\"t\":1}", "hello", "plän", "");
        assertThat(batch.stream().map(DeviceMessage::properties))
                .containsExactly(
                        new MessageProperties(
                                Map.of(SystemProperty.MESSAGE_ID, "1"),
                                List.of(new Application("alert", Optional.of("true")))),
                        MessageProperties.NONE,
                        MessageProperties.NONE,
                        MessageProperties.NONE);
    }

    @Test
    void valuesThatAreNoTextsBecomeTheirText() {
        var message = read("""
                [{"body":"","properties":{"iothub-app-n":1.50,"iothub-app-b":true,"iothub-app-z":null,
                  "iothub-app-o":{"a":[1]},"iothub-messageid":7}}]""").getFirst();

        assertThat(message.properties().application())
                .containsExactly(
                        new Application("n", Optional.of("1.5")),
                        new Application("b", Optional.of("true")),
                        new Application("z", Optional.empty()),
                        new Application("o", Optional.of("{\"a\":[1]}")));
        assertThat(message.properties().system(SystemProperty.MESSAGE_ID)).contains("7");
    }

    @Test
    void emptyBatchHasNoMessages() {
        assertThat(read("[]")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|400004|must be a JSON array",
                "``|400004|must be a JSON array",
                "null|400004|must be a JSON array",
                "[1]|400004|message 0 of the batch: 'body' must be there",
                "[{\"body\":\"\"},{}]|400004|message 1 of the batch: 'body' must be there",
                "[{\"body\":1}]|400004|'body' must be there and a text",
                "[{\"body\":\"a?b\"}]|400004|'body' is not base64",
                "[{\"body\":\"YQ===\"}]|400004|'body' is not base64",
                "[{\"body\":\"\",\"base64Encoded\":\"yes\"}]|400004|'base64Encoded' must be",
                "[{\"body\":\"\",\"properties\":[]}]|400004|'properties' must be",
                "[{\"body\":\"\"}|400006|not valid JSON at line 1",
                "[{\"body\":\"say \"no\"\"}]|400006|not valid JSON at line 1",
                "[] []|400006|not valid JSON at line 1"
            })
    void whatIsWrongIsNamed(String json, int code, String expected) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error().code()).isEqualTo(code))
                .hasMessageContaining(expected);
    }

    @Test
    void deepNestingIsNotFollowed() {
        assertThatThrownBy(() -> read("[".repeat(100_000))).isInstanceOf(HubException.class);
    }

    @Test
    void messageIsTooLargeWithItsProperties() {
        var body = Base64.getEncoder().encodeToString(new byte[MessageProperties.MAX_MESSAGE_SIZE - 3]);
        assertThat(read("[{\"body\":\"" + body + "\",\"properties\":{\"iothub-app-a\":\"bc\"}}]"))
                .hasSize(1);
        assertThatThrownBy(() -> read("[{\"body\":\"" + body + "\",\"properties\":{\"iothub-app-a\":\"bcd\"}}]"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.MESSAGE_TOO_LARGE));
    }

    private static List<DeviceMessage> read(String json) {
        return DeviceMessage.readBatch(json.getBytes(StandardCharsets.UTF_8));
    }
}
