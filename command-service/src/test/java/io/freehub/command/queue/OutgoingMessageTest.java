package io.freehub.command.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.command.feedback.Ack;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutgoingMessageTest {

    private static final byte[] BODY = {1, 2, 3};

    @Test
    void whatTheHeadersSayIsWhatTheDeviceReads() {
        var message = MessageHeaders.message(
                List.of(
                        Map.entry("IoTHub-MessageId", "m1"),
                        Map.entry("iothub-correlationid", "c1"),
                        Map.entry("iothub-userid", "u1"),
                        Map.entry("iothub-to", "/devices/d/messages/deviceBound"),
                        Map.entry("iothub-to", "again"),
                        Map.entry("iothub-expiry", "2026-01-02T04:04:05.25+01:00"),
                        Map.entry("iothub-ack", "Full"),
                        Map.entry("iothub-contenttype", "text/plain; charset=utf-8"),
                        Map.entry("iothub-contentencoding", "utf-8"),
                        Map.entry("iothub-operation", "c2d"),
                        Map.entry("IOTHUB-APP-Color", "Red & blue"),
                        Map.entry("iothub-app-empty", ""),
                        Map.entry("Content-Encoding", "utf-8")),
                BODY);

        assertThat(message.properties().system())
                .isEqualTo(Map.of(
                        SystemProperty.MESSAGE_ID, "m1",
                        SystemProperty.CORRELATION_ID, "c1",
                        SystemProperty.USER_ID, "u1",
                        SystemProperty.TO, "/devices/d/messages/deviceBound",
                        SystemProperty.EXPIRY, "2026-01-02T03:04:05.2500000Z",
                        SystemProperty.ACK, "full",
                        SystemProperty.CONTENT_TYPE, "text/plain; charset=utf-8",
                        SystemProperty.CONTENT_ENCODING, "utf-8"));
        assertThat(message.properties().application())
                .containsExactly(
                        new Application("Color", Optional.of("Red & blue")), new Application("empty", Optional.of("")));
        assertThat(message.ack()).isEqualTo(Ack.FULL);
        assertThat(message.expiresAt()).contains(Instant.parse("2026-01-02T03:04:05.25Z"));
        assertThat(message.body()).isEqualTo(BODY);
    }

    @ParameterizedTest
    @CsvSource({
        "none,NONE,false",
        "positive,POSITIVE,true",
        "positiveonly,POSITIVE,true",
        "NEGATIVE,NEGATIVE,true",
        "negativeOnly,NEGATIVE,true",
        "FULL,FULL,true"
    })
    void onlyMessagesThatFeedbackWillNameGetAnId(String text, Ack ack, boolean named) {
        var message = withSystem(SystemProperty.ACK, text);

        assertThat(message.ack()).isEqualTo(ack);
        assertThat(message.properties().system(SystemProperty.ACK)).contains(ack.wireName());
        assertThat(message.properties().system(SystemProperty.MESSAGE_ID).isPresent())
                .isEqualTo(named);
    }

    @Test
    void withoutAnAckNothingIsAdded() {
        assertThat(OutgoingMessage.of(Map.of(), List.of(), BODY).properties().system())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "ACK,sometimes,iothub-ack",
        "ACK,'',iothub-ack",
        "EXPIRY,tomorrow,iothub-expiry",
        "EXPIRY,2026-01-02,iothub-expiry",
        "MESSAGE_ID,'a\"b',message-id",
        "MESSAGE_ID,a\\b,message-id",
        "CORRELATION_ID,é,correlation-id",
        "TO,'/devices/\t',to"
    })
    void aSystemPropertyThatCannotBeToldIsRefused(SystemProperty property, String value, String named) {
        assertThatThrownBy(() -> withSystem(property, value))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.ARGUMENT_INVALID))
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a:b",
                "é",
                "a\nb",
                "iothub-messageid",
                "IoThub-methodname",
                "connectionDeviceId",
                "iothub-ack",
                "$.mid"
            })
    void aNameThatDevicesCannotReadIsRefused(String name) {
        assertThatThrownBy(() -> withApplication(name, "x"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.ARGUMENT_INVALID))
                .hasMessageContaining("name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nx: y", "\u0000", "é", "\u007f"})
    void aValueThatWouldBreakAHeaderIsRefused(String value) {
        assertThatThrownBy(() -> withApplication("color", value))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.ARGUMENT_INVALID))
                .hasMessageContaining("'color'");
    }

    @Test
    void propertiesCountTowardsTheSize() {
        var property = List.of(new Application("name", Optional.of("value")));
        int most = 64 * 1024 - "namevalue".length();

        assertThat(OutgoingMessage.of(Map.of(), property, new byte[most]).body())
                .hasSize(most);
        assertThatThrownBy(() -> OutgoingMessage.of(Map.of(), property, new byte[most + 1]))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.MESSAGE_TOO_LARGE));
    }

    private static OutgoingMessage withSystem(SystemProperty property, String value) {
        return OutgoingMessage.of(Map.of(property, value), List.of(), BODY);
    }

    private static OutgoingMessage withApplication(String name, String value) {
        return OutgoingMessage.of(Map.of(), List.of(new Application(name, Optional.of(value))), BODY);
    }
}
