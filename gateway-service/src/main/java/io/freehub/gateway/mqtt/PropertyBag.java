package io.freehub.gateway.mqtt;

import io.freehub.model.MessageProperties;
import io.freehub.model.PercentCoding;
import io.freehub.model.SystemProperty;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The properties of a message as they stand at the end of its topic: {@code key=value} joined by {@code &}, both
 * percent-encoded, or not: the C SDK encodes nothing, so a value may hold {@code /}, {@code ;} and the like. A system
 * property has a key that starts with {@code $.}.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol", sending device-to-cloud messages.
 */
final class PropertyBag {

    private static final String SYSTEM_PREFIX = "$.";

    private PropertyBag() {}

    /** What the bag says; never fails, since a bag that a client wrote wrongly harms that client alone. */
    static MessageProperties parse(String text) {
        var bag = text.startsWith("?") ? text.substring(1) : text;
        bag = bag.endsWith("/") ? bag.substring(0, bag.length() - 1) : bag;
        if (bag.isEmpty()) {
            return MessageProperties.NONE;
        }
        var system = new EnumMap<SystemProperty, String>(SystemProperty.class);
        // Conditions on routes do not tell names apart by case, so of two such names one stays.
        Map<String, MessageProperties.Application> application = new LinkedHashMap<>();
        for (int start = 0; start <= bag.length(); ) {
            int end = bag.indexOf('&', start);
            end = end < 0 ? bag.length() : end;
            if (end > start) {
                add(bag.substring(start, end), system, application);
            }
            start = end + 1;
        }
        return new MessageProperties(system, List.copyOf(application.values()));
    }

    private static void add(
            String item, Map<SystemProperty, String> system, Map<String, MessageProperties.Application> application) {
        int equals = item.indexOf('=');
        var key = PercentCoding.decode(equals < 0 ? item : item.substring(0, equals));
        var value =
                equals < 0 ? Optional.<String>empty() : Optional.of(PercentCoding.decode(item.substring(equals + 1)));
        var property = SystemProperty.ofMqttKey(key).or(() -> ofPlainName(key));
        if (property.isPresent()) {
            // What only the hub may say is dropped: nobody forges another identity.
            value.filter(text -> property.get().isSetByDevice())
                    .ifPresent(text -> system.putIfAbsent(property.get(), text));
        } else if (!key.startsWith(SYSTEM_PREFIX) && !key.isEmpty()) {
            application.putIfAbsent(key.toLowerCase(Locale.ROOT), new MessageProperties.Application(key, value));
        }
    }

    /** The creation time may come as a plain property, and nobody may write what the hub stamps. */
    private static Optional<SystemProperty> ofPlainName(String key) {
        return SystemProperty.ofWireName(key)
                .filter(property -> property == SystemProperty.CREATION_TIME
                        || !property.isSetByDevice() && key.startsWith("iothub-"));
    }
}
