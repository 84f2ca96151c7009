package io.freehub.gateway.https;

import static io.freehub.model.SystemProperty.ACK;
import static io.freehub.model.SystemProperty.CONTENT_ENCODING;
import static io.freehub.model.SystemProperty.CONTENT_TYPE;
import static io.freehub.model.SystemProperty.CORRELATION_ID;
import static io.freehub.model.SystemProperty.CREATION_TIME;
import static io.freehub.model.SystemProperty.EXPIRY;
import static io.freehub.model.SystemProperty.INTERFACE_ID;
import static io.freehub.model.SystemProperty.MESSAGE_ID;
import static io.freehub.model.SystemProperty.MESSAGE_SCHEMA;
import static io.freehub.model.SystemProperty.SUBJECT;
import static io.freehub.model.SystemProperty.TO;
import static io.freehub.model.SystemProperty.USER_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MessageHeadersTest {

    @Test
    void everyNameIsKnownInAnyCase() {
        var expected = Map.<SystemProperty, String>of(MESSAGE_ID, "1", CORRELATION_ID, "2", USER_ID, "3");
        assertThat(read("IoTHub-MessageId", "1", "iothub-correlationid", "2", "IOTHUB-USERID", "3")
                        .system())
                .isEqualTo(expected);
        assertThat(read("iothub-to", "/devices/d", "iothub-expiry", "4", "IoTHub-Ack", "full")
                        .system())
                .isEqualTo(Map.of(TO, "/devices/d", EXPIRY, "4", ACK, "full"));
        assertThat(read("iothub-contenttype", "a/b", "iothub-contentencoding", "utf-8", "iothub-interface-id", "u")
                        .system())
                .isEqualTo(Map.of(CONTENT_TYPE, "a/b", CONTENT_ENCODING, "utf-8", INTERFACE_ID, "u"));
        assertThat(read("iothub-creation-time-utc", "t", "iothub-messageschema", "s", "dt-subject", "c")
                        .system())
                .isEqualTo(Map.of(CREATION_TIME, "t", MESSAGE_SCHEMA, "s", SUBJECT, "c"));
        assertThat(read("iothub-creationtimeutc", "t").system()).isEqualTo(Map.of(CREATION_TIME, "t"));
        assertThat(read("iothub-app-iothub-creation-time-utc", "t")).isEqualTo(read("iothub-creationtimeutc", "t"));
    }

    @Test
    void propertiesOfTheApplicationKeepTheirOrderAndCase() {
        assertThat(read("iothub-app-Zeta", "1", "IoTHub-App-alpha", "a b%20", "iothub-app-empty", "")
                        .application())
                .containsExactly(
                        new Application("Zeta", Optional.of("1")),
                        new Application("alpha", Optional.of("a b%20")),
                        new Application("empty", Optional.of("")));
    }

    @Test
    void firstOfTheSameNameCounts() {
        assertThat(read("iothub-to", "first", "IoTHub-To", "second", "iothub-app-A", "1", "iothub-app-a", "2"))
                .isEqualTo(new MessageProperties(Map.of(TO, "first"), List.of(new Application("A", Optional.of("1")))));
    }

    @Test
    void whatIsNoPropertyIsPassedOver() {
        assertThat(read(
                        "Content-Type", "binary/octet-stream",
                        "iothub-operation", "d2c",
                        "iothub-unknown", "x",
                        "iothub-app-", "x",
                        "iothub-connection-device-id", "forged",
                        "iothub-app-iothub-connection-device-id", "forged",
                        "iothub-app-IoTHub-EnqueuedTime", "forged"))
                .isEqualTo(MessageProperties.NONE);
    }

    private static MessageProperties read(String... headers) {
        return MessageHeaders.read(IntStream.range(0, headers.length / 2)
                .mapToObj(i -> Map.entry(headers[2 * i], headers[2 * i + 1]))
                .toList());
    }
}
