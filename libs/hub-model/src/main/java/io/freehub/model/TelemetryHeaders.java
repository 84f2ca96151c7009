package io.freehub.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;

/**
 * The one header of a record on {@code hub.telemetry}. Kafka's cost grows with the number of headers, so all
 * properties of a message share one; consumers get them spread out on {@code hub.events}.
 *
 * <p>Form: entries one after the other, so that two encoded lists joined are one list. An entry is a code (a byte; 0
 * for a property of the application), for the application's the name, and the value. A text is its length in UTF-8 bytes
 * plus one as a varint, and the bytes; a length of 0 is the value that is not there.
 */
public final class TelemetryHeaders {

    /** Name of the header. */
    public static final String PROPERTIES = "p";

    private static final byte APPLICATION = 0;

    private TelemetryHeaders() {}

    /** The header's value. */
    public static byte[] encode(MessageProperties properties) {
        var out = new ByteArrayOutputStream(128);
        properties.system().forEach((property, value) -> {
            out.write(property.code());
            writeText(out, Optional.of(value));
        });
        for (var property : properties.application()) {
            out.write(APPLICATION);
            writeText(out, Optional.of(property.name()));
            writeText(out, property.value());
        }
        return out.toByteArray();
    }

    /** One list of both; what a gateway stamped on the connection goes first and is encoded but once. */
    public static byte[] join(byte[] first, byte[] second) {
        if (second.length == 0) {
            return first;
        }
        var joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    /** @throws IllegalArgumentException when the bytes are not of this form */
    public static MessageProperties decode(byte[] header) {
        var system = new EnumMap<SystemProperty, String>(SystemProperty.class);
        List<MessageProperties.Application> application = new ArrayList<>();
        var in = new Reader(header);
        while (in.position < header.length) {
            int code = header[in.position++];
            if (code == APPLICATION) {
                var name = in.text().orElseThrow(() -> malformed("a property has no name"));
                application.add(new MessageProperties.Application(name, in.text()));
            } else {
                // A code of a later version is passed over: its value has the same form.
                var value = in.text();
                SystemProperty.ofCode(code).ifPresent(property -> value.ifPresent(text -> system.put(property, text)));
            }
        }
        return new MessageProperties(system, application);
    }

    private static void writeText(ByteArrayOutputStream out, Optional<String> text) {
        if (text.isEmpty()) {
            out.write(0);
            return;
        }
        var bytes = text.get().getBytes(StandardCharsets.UTF_8);
        int rest = bytes.length + 1;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        out.write(bytes, 0, bytes.length);
    }

    private static IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException("malformed header '" + PROPERTIES + "': " + what);
    }

    private static final class Reader {
        private final byte[] bytes;
        private int position;

        private Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        private Optional<String> text() {
            int length = varint() - 1;
            if (length < 0) {
                return Optional.empty();
            }
            if (length > bytes.length - position) {
                throw malformed("a text ends behind the header");
            }
            var text = new String(bytes, position, length, StandardCharsets.UTF_8);
            position += length;
            return Optional.of(text);
        }

        private int varint() {
            int value = 0;
            for (int shift = 0; shift < 28; shift += 7) {
                if (position == bytes.length) {
                    throw malformed("a length is missing");
                }
                byte b = bytes[position++];
                value |= (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw malformed("a length is too great");
        }
    }
}
