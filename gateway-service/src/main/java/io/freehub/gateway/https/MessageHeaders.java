package io.freehub.gateway.https;

import io.freehub.model.MessageProperties;
import io.freehub.model.SystemProperty;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Properties of a message as they come in headers of a request, or under the same names in an item of a batch. Of names
 * that differ by case alone, or that come twice, the first counts.
 *
 * <p>Source: IoT Hub REST, "Send Device Event"; the names that the SDKs send.
 */
final class MessageHeaders {

    private static final String APPLICATION_PREFIX = "iothub-app-";
    private static final Map<String, SystemProperty> SYSTEM = Map.ofEntries(
            Map.entry("iothub-messageid", SystemProperty.MESSAGE_ID),
            Map.entry("iothub-correlationid", SystemProperty.CORRELATION_ID),
            Map.entry("iothub-userid", SystemProperty.USER_ID),
            Map.entry("iothub-to", SystemProperty.TO),
            Map.entry("iothub-expiry", SystemProperty.EXPIRY),
            Map.entry("iothub-ack", SystemProperty.ACK),
            Map.entry("iothub-contenttype", SystemProperty.CONTENT_TYPE),
            Map.entry("iothub-contentencoding", SystemProperty.CONTENT_ENCODING),
            Map.entry("iothub-interface-id", SystemProperty.INTERFACE_ID),
            Map.entry("iothub-creation-time-utc", SystemProperty.CREATION_TIME),
            Map.entry("iothub-creationtimeutc", SystemProperty.CREATION_TIME),
            Map.entry("iothub-messageschema", SystemProperty.MESSAGE_SCHEMA),
            Map.entry("dt-subject", SystemProperty.SUBJECT));

    private final Map<SystemProperty, String> system = new EnumMap<>(SystemProperty.class);

    // Conditions on routes do not tell names apart by case, so of two such names one stays.
    private final Map<String, MessageProperties.Application> application = new LinkedHashMap<>();

    /** The properties among these headers. */
    static MessageProperties read(Iterable<Map.Entry<String, String>> headers) {
        var properties = new MessageHeaders();
        for (var header : headers) {
            properties.add(header.getKey(), Optional.of(header.getValue()));
        }
        return properties.toProperties();
    }

    /** Takes one header; what is no property of a message is passed over. */
    void add(String name, Optional<String> value) {
        var lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith(APPLICATION_PREFIX)) {
            addApplication(name.substring(APPLICATION_PREFIX.length()), value);
        } else if (SYSTEM.containsKey(lower)) {
            value.ifPresent(text -> system.putIfAbsent(SYSTEM.get(lower), text));
        }
    }

    private void addApplication(String name, Optional<String> value) {
        var lower = name.toLowerCase(Locale.ROOT);
        var namesake = SystemProperty.ofWireName(lower);
        if (namesake.filter(SystemProperty.CREATION_TIME::equals).isPresent()) {
            // A batch has no other way to say it.
            value.ifPresent(text -> system.putIfAbsent(SystemProperty.CREATION_TIME, text));
        } else if (namesake.filter(property -> !property.isSetByDevice()).isPresent() && lower.startsWith("iothub-")) {
            // Nobody may write what the hub stamps.
            return;
        } else if (!name.isEmpty()) {
            application.putIfAbsent(lower, new MessageProperties.Application(name, value));
        }
    }

    MessageProperties toProperties() {
        return new MessageProperties(system, List.copyOf(application.values()));
    }
}
