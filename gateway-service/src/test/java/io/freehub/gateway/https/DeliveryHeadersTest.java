package io.freehub.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeliveryHeadersTest {

    @Test
    void messageWithoutPropertiesHasWhatEveryOneHas() {
        assertThat(headers(MessageProperties.NONE, 0))
                .containsExactly(
                        entry("ETag", "\"lock\""),
                        entry("Content-Type", "application/octet-stream"),
                        entry("iothub-sequencenumber", "12"),
                        entry("iothub-enqueuedtime", "2026-01-02T03:04:05.1234567Z"),
                        entry("iothub-deliverycount", "0"),
                        entry("iothub-to", "/devices/d/messages/deviceBound"));
    }

    @Test
    void contentHasBothNames() {
        assertThat(headers(
                        new MessageProperties(
                                Map.of(
                                        SystemProperty.MESSAGE_ID, "m",
                                        SystemProperty.CORRELATION_ID, "c",
                                        SystemProperty.USER_ID, "u",
                                        SystemProperty.CONTENT_TYPE, "application/json",
                                        SystemProperty.CONTENT_ENCODING, "utf-8",
                                        SystemProperty.EXPIRY, "x",
                                        SystemProperty.ACK, "full"),
                                List.of(new Application("Color", Optional.of("red")))),
                        3))
                .contains(
                        entry("iothub-messageid", "m"),
                        entry("iothub-correlationid", "c"),
                        entry("iothub-userid", "u"),
                        entry("iothub-contenttype", "application/json"),
                        entry("ContentType", "application/json"),
                        entry("iothub-contentencoding", "utf-8"),
                        entry("ContentEncoding", "utf-8"),
                        entry("iothub-expiry", "2026-01-02T04:04:05.1234567Z"),
                        entry("iothub-ack", "full"),
                        entry("iothub-deliverycount", "3"),
                        entry("iothub-app-Color", "red"));
    }

    @Test
    void nothingBreaksOutOfItsHeader() {
        var properties = new MessageProperties(
                Map.of(SystemProperty.MESSAGE_ID, "m\r\nx: y", SystemProperty.USER_ID, "ü"),
                List.of(
                        new Application("a: b\r\nc", Optional.of("1")),
                        new Application("d", Optional.of("1\n2")),
                        new Application("e", Optional.of("")),
                        new Application("iothub-to", Optional.of("x"))));

        assertThat(headers(properties, 0)).hasSize(6);
    }

    @Test
    void countOfDeliveriesFitsIntoAByte() {
        assertThat(headers(MessageProperties.NONE, 1000)).containsEntry("iothub-deliverycount", "255");
    }

    private static Map<String, String> headers(MessageProperties properties, int deliveries) {
        var sent = Instant.parse("2026-01-02T03:04:05.123456789Z");
        return DeliveryHeaders.of(
                new DeviceId("d"),
                new DeviceBoundMessage(
                        "lock", 12, deliveries, sent, sent.plusSeconds(3600), properties, new byte[] {1}));
    }
}
