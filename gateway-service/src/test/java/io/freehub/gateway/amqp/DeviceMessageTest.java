package io.freehub.gateway.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.gateway.amqp.DeviceMessage.UnacceptableException;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SystemProperty;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceMessageTest {

    @Test
    void everySimpleTypeOfAPropertyBecomesText() throws Exception {
        var values = new LinkedHashMap<String, Object>();
        values.put("string", "text");
        values.put("symbol", Symbol.valueOf("word"));
        values.put("boolean", true);
        values.put("byte", (byte) -1);
        values.put("short", (short) -2);
        values.put("int", -3);
        values.put("long", -4L);
        values.put("ubyte", UnsignedByte.valueOf((byte) 255));
        values.put("ushort", UnsignedShort.valueOf("65535"));
        values.put("uint", UnsignedInteger.valueOf(4294967295L));
        values.put("ulong", UnsignedLong.valueOf("18446744073709551615"));
        values.put("float", 1.5f);
        values.put("double", 2.5);
        values.put("char", 'c');
        values.put("uuid", UUID.fromString("7d9c7cf5-4d3e-4f5a-8f0a-0d6a4d3b2f11"));
        values.put("time", new Date(1767225600123L));
        values.put("binary", new Binary(new byte[] {1, 2, 3}));
        values.put("null", null);

        assertThat(one(new ApplicationProperties(values)).properties().application())
                .containsExactlyInAnyOrder(
                        property("string", "text"),
                        property("symbol", "word"),
                        property("boolean", "true"),
                        property("byte", "-1"),
                        property("short", "-2"),
                        property("int", "-3"),
                        property("long", "-4"),
                        property("ubyte", "255"),
                        property("ushort", "65535"),
                        property("uint", "4294967295"),
                        property("ulong", "18446744073709551615"),
                        property("float", "1.5"),
                        property("double", "2.5"),
                        property("char", "c"),
                        property("uuid", "7d9c7cf5-4d3e-4f5a-8f0a-0d6a4d3b2f11"),
                        property("time", "2026-01-01T00:00:00.123Z"),
                        property("binary", "AQID"),
                        new Application("null", Optional.empty()));
    }

    @Test
    void propertiesOfTheSystemAreWhereverClientsWriteThem() throws Exception {
        var properties = new Properties();
        properties.setMessageId(UnsignedLong.valueOf(5));
        properties.setUserId(new Binary("me".getBytes()));
        properties.setTo("/devices/d1/messages/events");
        properties.setAbsoluteExpiryTime(new Date(1767225600000L));
        properties.setCreationTime(new Date(1767225600000L));

        var message = one(
                new Header(),
                properties,
                new ApplicationProperties(Map.of(
                        "iothub-creation-time-utc", "2026-02-01T00:00:00Z",
                        "iothub-outputname", "out",
                        "iothub-connection-device-id", "forged",
                        "IoTHub-EnqueuedTime", "forged",
                        "message-id", "the application's own")),
                new MessageAnnotations(Map.of(
                        Symbol.valueOf("iothub-interface-id"), "urn:x",
                        Symbol.valueOf("Correlation-Context"), "creationtimeutc=1",
                        Symbol.valueOf("x-other"), 1)));

        assertThat(message.properties())
                .isEqualTo(new MessageProperties(
                        Map.of(
                                SystemProperty.MESSAGE_ID, "5",
                                SystemProperty.USER_ID, "me",
                                SystemProperty.TO, "/devices/d1/messages/events",
                                SystemProperty.EXPIRY, "2026-01-01T00:00:00Z",
                                SystemProperty.CREATION_TIME, "2026-02-01T00:00:00Z",
                                SystemProperty.OUTPUT_NAME, "out",
                                SystemProperty.INTERFACE_ID, "urn:x",
                                SystemProperty.DIAGNOSTIC_CONTEXT, "creationtimeutc=1"),
                        List.of(property("message-id", "the application's own"))));
        assertThat(message.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 20_000, 200_000})
    void nestedBytesAreRefusedHoweverDeepTheyAre(int depth) {
        assertThatThrownBy(() -> DeviceMessage.read(0, new byte[depth])).isInstanceOf(UnacceptableException.class);
        var lists = new byte[depth];
        Arrays.fill(lists, (byte) 0x45);
        assertThatThrownBy(() -> DeviceMessage.read(0, lists)).isInstanceOf(UnacceptableException.class);
    }

    @Test
    void bytesThatAreCutOrChangedAreReadOrRefusedAndNothingElse() {
        var good = encode(
                new ApplicationProperties(Map.of("a", "b", "n", 1)), new Data(new Binary(new byte[] {1, 2, 3, 4})));
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            try {
                DeviceMessage.read(i % 2 == 0 ? 0 : DeviceMessage.BATCH_FORMAT, bad);
            } catch (UnacceptableException e) {
                assertThat(e.condition()).startsWith("amqp:");
            }
        }
    }

    private static Application property(String name, String value) {
        return new Application(name, Optional.of(value));
    }

    private static DeviceMessage one(Section... sections) throws UnacceptableException {
        return DeviceMessage.read(0, encode(sections)).getFirst();
    }

    private static byte[] encode(Section... sections) {
        var decoder = new DecoderImpl();
        var encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        var buffer = ByteBuffer.allocate(64 << 10);
        encoder.setByteBuffer(buffer);
        for (var section : sections) {
            encoder.writeObject(section);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
