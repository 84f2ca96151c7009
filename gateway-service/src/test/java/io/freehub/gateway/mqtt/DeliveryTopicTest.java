package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.PercentCoding;
import io.freehub.model.SystemProperty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parsers of the SDKs demand of a topic. */
class DeliveryTopicTest {

    private static final String PREFIX = "devices/X/messages/devicebound/";
    private static final String TO = "%24.to=%2Fdevices%2FX%2Fmessages%2FdeviceBound";

    @Test
    void messageWithoutPropertiesStillSaysWhomItIsTo() {
        assertThat(bag(Map.of())).isEqualTo(TO);
    }

    @Test
    void systemPropertiesComeFirstThenTheAckThenTheApplications() {
        assertThat(bag(
                        Map.of(
                                SystemProperty.ACK, "none",
                                SystemProperty.CONTENT_ENCODING, "utf-8",
                                SystemProperty.CONTENT_TYPE, "text/plain; charset=UTF-8",
                                SystemProperty.MESSAGE_ID, "3c2",
                                SystemProperty.CORRELATION_ID, "c",
                                SystemProperty.USER_ID, "u"),
                        "bbb",
                        "bbbb",
                        "aaa",
                        "aaaa"))
                .isEqualTo("%24.mid=3c2&%24.cid=c&%24.uid=u&" + TO
                        + "&%24.ct=text%2Fplain%3B%20charset%3DUTF-8&%24.ce=utf-8&iothub-ack=none&bbb=bbbb&aaa=aaaa");
    }

    @Test
    void idStandsInTheTopicAsItIsAndEscapedInTheBag() {
        assertThat(DeliveryTopic.of(new DeviceId("a#b+c%"), message(Map.of())))
                .contains("devices/a#b+c%/messages/devicebound/"
                        + "%24.to=%2Fdevices%2Fa%23b%2Bc%25%2Fmessages%2FdeviceBound");
    }

    @Test
    void addressIsSpeltAsTheSenderSpeltIt() {
        assertThat(bag(Map.of(SystemProperty.TO, "/devices/X/messages/devicebound")))
                .isEqualTo("%24.to=%2Fdevices%2FX%2Fmessages%2Fdevicebound");
    }

    @Test
    void emptyValuesAreLeftOut() {
        assertThat(bag(Map.of(SystemProperty.MESSAGE_ID, "", SystemProperty.TO, ""), "k", "", "l", "1", "", "x"))
                .isEqualTo(TO + "&l=1");
        var noValue = new MessageProperties(Map.of(), List.of(new Application("k", Optional.empty())));
        assertThat(DeliveryTopic.of(new DeviceId("X"), message(noValue))).contains(PREFIX + TO);
    }

    @Test
    void keysAndValuesAreEscaped() {
        assertThat(bag(Map.of(), "a b", "+=/", "c", "&%~._-")).isEqualTo(TO + "&a%20b=%2B%3D%2F&c=%26%25~._-");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-02T03:04:05Z,2026-01-02T03%3A04%3A05.0000000Z",
        "2026-01-02T03:04:05.123456789Z,2026-01-02T03%3A04%3A05.1234567Z",
        "2026-01-02T05:04:05.1+02:00,2026-01-02T03%3A04%3A05.1000000Z"
    })
    void timesHaveSevenDigits(String sent, String told) {
        assertThat(bag(Map.of(SystemProperty.CREATION_TIME, sent))).isEqualTo(TO + "&%24.ctime=" + told);
    }

    @Test
    void expiryIsToldWhenTheSenderSetOne() {
        assertThat(bag(Map.of(SystemProperty.EXPIRY, "whatever")))
                .isEqualTo(TO + "&%24.exp=2026-01-02T04%3A04%3A05.0000000Z");
    }

    @Test
    void whatNoDeviceCouldReadIsLeftOut() {
        assertThat(bag(Map.of(
                        SystemProperty.CREATION_TIME, "yesterday",
                        SystemProperty.ACK, "perhaps",
                        SystemProperty.OPERATION, "x",
                        SystemProperty.SUBJECT, "s")))
                .isEqualTo(TO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iothub-enqueuedtime",
                "iothub-messagelocktoken",
                "iothub-sequencenumber",
                "iothub-operation",
                "iothub-partition-key",
                "iothub-connection-auth-method",
                "iothub-connection-auth-generation-id",
                "iothub-messageid",
                "iothub-correlationid",
                "iothub-userid",
                "iothub-to",
                "iothub-content-type",
                "iothub-contenttype",
                "iothub-content-encoding",
                "iothub-contentencoding",
                "iothub-absolute-expiry-time",
                "IoThub-methodname",
                "connectionDeviceId",
                "connectionModuleId",
                "iothub-outputname",
                "iothub-inputname",
                "iothub-connection-device-id",
                "iothub-connection-module-id",
                "iothub-ack",
                "$.mid"
            })
    void nameThatMeansSomethingElseIsLeftOut(String name) {
        assertThat(bag(Map.of(), name, "x", "ok", "1")).isEqualTo(TO + "&ok=1");
    }

    @Test
    void topicThatWouldBeTooLongIsNone() {
        assertThat(DeliveryTopic.of(new DeviceId("X"), message(properties(Map.of(), "k", "/".repeat(21_000)))))
                .isPresent();
        assertThat(DeliveryTopic.of(new DeviceId("X"), message(properties(Map.of(), "k", "/".repeat(22_000)))))
                .isEmpty();
    }

    /** Whatever is sent: the bag is one segment of items that each have a key and a value, and says what was sent. */
    @Property(tries = 300)
    void anyPropertiesComeBack(@ForAll("applications") Map<String, String> sent) {
        var flat = new ArrayList<String>();
        sent.forEach((name, value) -> flat.addAll(List.of(name, value)));
        var bag = bag(Map.of(), flat.toArray(String[]::new));

        assertThat(bag).startsWith("%24.").matches("[A-Za-z0-9\\-._~%&=]*");
        var told = new LinkedHashMap<String, String>();
        for (var item : bag.split("&")) {
            var parts = item.split("=", -1);
            assertThat(parts).hasSize(2).doesNotContain("");
            told.put(PercentCoding.decode(parts[0]), PercentCoding.decode(parts[1]));
        }
        told.remove("$.to");
        assertThat(told).isEqualTo(sent);
    }

    @Provide
    Arbitrary<Map<String, String>> applications() {
        var character = Arbitraries.chars().filter(c -> !Character.isSurrogate(c));
        var name = Arbitraries.strings()
                .withChars('a', 'Z', '+', '=', '/', '&', '%', ' ', 'ü', '€')
                .ofMinLength(1)
                .ofMaxLength(8);
        var value = Arbitraries.strings()
                .withChars('a', '+', '=', '/', '&', '%', ' ', 'ü')
                .ofMinLength(1);
        var any = character.list().ofMinSize(1).ofMaxSize(10).map(list -> list.stream()
                .map(String::valueOf)
                .reduce("", String::concat));
        return Arbitraries.maps(name, Arbitraries.oneOf(value.ofMaxLength(8), any))
                .ofMaxSize(6);
    }

    private static String bag(Map<SystemProperty, String> system, String... application) {
        var topic = DeliveryTopic.of(new DeviceId("X"), message(properties(system, application)))
                .orElseThrow();
        assertThat(topic).startsWith(PREFIX).doesNotEndWith("/");
        return topic.substring(PREFIX.length());
    }

    private static MessageProperties properties(Map<SystemProperty, String> system, String... application) {
        var properties = new ArrayList<Application>();
        for (int i = 0; i < application.length; i += 2) {
            properties.add(new Application(application[i], Optional.of(application[i + 1])));
        }
        return new MessageProperties(system, properties);
    }

    private static DeviceBoundMessage message(Map<SystemProperty, String> system) {
        return message(properties(system));
    }

    private static DeviceBoundMessage message(MessageProperties properties) {
        var sent = Instant.parse("2026-01-02T03:04:05Z");
        return new DeviceBoundMessage("lock", 1, 0, sent, sent.plusSeconds(3600), properties, new byte[0]);
    }
}
