package io.freehub.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a record on {@code hub.events}, one for each property: system properties under the names IoT Hub gives
 * them, properties of the application under their own. A property of the application whose name is that of a system
 * property, or starts with {@value #ESCAPE}, has {@value #ESCAPE} put before it: no device can forge what the hub stamps,
 * and every reader can tell the two kinds apart.
 */
public final class EventHeaders {

    /** Stands before the name of an application property that could be taken for another. */
    public static final String ESCAPE = "app:";

    private EventHeaders() {}

    /** Takes one header; the value is UTF-8, or null when the property has none. */
    @FunctionalInterface
    public interface Sink {
        void header(String name, byte @Nullable [] value);
    }

    /** Gives every property to the sink. */
    public static void write(MessageProperties properties, Sink sink) {
        properties.system().forEach((property, value) -> sink.header(property.wireName(), utf8(value)));
        for (var property : properties.application()) {
            sink.header(
                    escaped(property.name()),
                    property.value().map(EventHeaders::utf8).orElse(null));
        }
    }

    /** The properties that such headers say; the inverse of {@link #write}. */
    public static MessageProperties read(Iterable<? extends Map.Entry<String, Optional<byte[]>>> headers) {
        var system = new EnumMap<SystemProperty, String>(SystemProperty.class);
        List<MessageProperties.Application> application = new ArrayList<>();
        for (var header : headers) {
            var value = header.getValue().map(bytes -> new String(bytes, StandardCharsets.UTF_8));
            var property = SystemProperty.ofWireName(header.getKey());
            if (property.isPresent()) {
                value.ifPresent(text -> system.put(property.get(), text));
            } else {
                var name = header.getKey().startsWith(ESCAPE)
                        ? header.getKey().substring(ESCAPE.length())
                        : header.getKey();
                application.add(new MessageProperties.Application(name, value));
            }
        }
        return new MessageProperties(system, application);
    }

    private static String escaped(String name) {
        return name.startsWith(ESCAPE) || SystemProperty.ofWireName(name).isPresent() ? ESCAPE + name : name;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
