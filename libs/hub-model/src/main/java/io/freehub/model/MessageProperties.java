package io.freehub.model;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What goes with the body of a message: system properties, and the application's own in the order of the sender.
 *
 * <p>Source: IoT Hub, "create and read messages".
 */
public record MessageProperties(Map<SystemProperty, String> system, List<Application> application) {

    /** No properties at all. */
    public static final MessageProperties NONE = new MessageProperties(Map.of(), List.of());

    /** Greatest size of a message: its body and {@link #size()} together, in bytes. */
    public static final int MAX_MESSAGE_SIZE = 256 * 1024;

    /** A property of the application; it has no value when the sender wrote a name without {@code =}. */
    public record Application(String name, Optional<String> value) {}

    public MessageProperties {
        // In the order of the catalogue: what is written twice is the same twice.
        system = system.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(system));
        application = List.copyOf(application);
    }

    /** Bytes that count towards the size of the message: values of what the device set, names and values of the application's. */
    public int size() {
        int size = 0;
        for (var entry : system.entrySet()) {
            if (entry.getKey().isSetByDevice()) {
                size += utf8Length(entry.getValue());
            }
        }
        for (var property : application) {
            size += utf8Length(property.name());
            if (property.value().isPresent()) {
                size += utf8Length(property.value().get());
            }
        }
        return size;
    }

    /** The system property, if the message has it. */
    public Optional<String> system(SystemProperty property) {
        return Optional.ofNullable(system.get(property));
    }

    private static int utf8Length(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return text.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return text.length();
    }
}
