package io.freehub.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.MessageProperties.Application;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventHeadersTest {

    private static final MessageProperties PROPERTIES = new MessageProperties(
            Map.of(SystemProperty.CONTENT_TYPE, "application/json", SystemProperty.CONNECTION_DEVICE_ID, "d1"),
            List.of(
                    new Application("alert", Optional.of("true")),
                    new Application("none", Optional.empty()),
                    new Application("content-type", Optional.of("mine")),
                    new Application("app:x", Optional.of("y"))));

    @Test
    void everyPropertyIsAHeader() {
        assertThat(written())
                .containsExactlyInAnyOrder(
                        "content-type=application/json",
                        "iothub-connection-device-id=d1",
                        "alert=true",
                        "none=null",
                        "app:content-type=mine",
                        "app:app:x=y");
    }

    @Test
    void readersTellTheTwoKindsApart() {
        List<Map.Entry<String, Optional<byte[]>>> headers = new ArrayList<>();
        EventHeaders.write(PROPERTIES, (name, value) -> headers.add(Map.entry(name, Optional.ofNullable(value))));

        assertThat(EventHeaders.read(headers)).isEqualTo(PROPERTIES);
    }

    private static List<String> written() {
        var headers = new ArrayList<String>();
        EventHeaders.write(
                PROPERTIES,
                (name, value) ->
                        headers.add(name + "=" + (value == null ? "null" : new String(value, StandardCharsets.UTF_8))));
        return headers;
    }
}
