package io.freehub.gateway.command;

import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.SystemProperty;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The properties of a message as every device can read them, whatever it speaks: none without a value, none of a name that
 * means something else to an SDK, times as .NET writes them.
 *
 * <p>Source: IoT Hub, "create and read messages", and the names that the SDKs take for their own.
 *
 * @param system in the order of the catalogue
 * @param application in the order of the sender
 */
public record DeviceProperties(Map<SystemProperty, String> system, Map<String, String> application) {

    /** System properties that devices hear of, as the sender set them; others concern messages of devices. */
    private static final Set<SystemProperty> TOLD = Set.of(
            SystemProperty.MESSAGE_ID,
            SystemProperty.CORRELATION_ID,
            SystemProperty.USER_ID,
            SystemProperty.CONTENT_TYPE,
            SystemProperty.CONTENT_ENCODING);

    private static final Set<String> ACKS = Set.of("none", "positive", "negative", "full");

    /** The Java SDK refuses a message with a property of such a name; the last one would be a system property. */
    private static final Set<String> RESERVED = Set.of(
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
            "iothub-ack");

    /** Over MQTT, names of system properties begin so. */
    private static final String SYSTEM_PREFIX = "$.";

    /** The C# SDK reads no other form: seven digits, and a Z. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** What the device is told of the message. */
    public static DeviceProperties of(DeviceId device, DeviceBoundMessage message) {
        var sent = message.properties();
        var system = new EnumMap<SystemProperty, String>(SystemProperty.class);
        sent.system().forEach((property, value) -> {
            if (TOLD.contains(property) && !value.isEmpty()) {
                system.put(property, value);
            }
        });
        system.put(
                SystemProperty.TO,
                sent.system(SystemProperty.TO)
                        .filter(to -> !to.isEmpty())
                        .orElse("/devices/" + device.value() + "/messages/deviceBound"));
        if (sent.system(SystemProperty.EXPIRY).isPresent()) {
            system.put(SystemProperty.EXPIRY, time(message.expiresAt()));
        }
        sent.system(SystemProperty.CREATION_TIME).ifPresent(text -> {
            try {
                system.put(
                        SystemProperty.CREATION_TIME,
                        time(OffsetDateTime.parse(text).toInstant()));
            } catch (DateTimeException e) {
                // No device could read it.
            }
        });
        sent.system(SystemProperty.ACK).filter(ACKS::contains).ifPresent(ack -> system.put(SystemProperty.ACK, ack));
        var application = new LinkedHashMap<String, String>();
        for (var property : sent.application()) {
            var name = property.name();
            if (!name.isEmpty() && !RESERVED.contains(name) && !name.startsWith(SYSTEM_PREFIX)) {
                property.value().filter(value -> !value.isEmpty()).ifPresent(value -> application.put(name, value));
            }
        }
        return new DeviceProperties(Collections.unmodifiableMap(system), Collections.unmodifiableMap(application));
    }

    /** A time in the form that all SDKs read. */
    public static String time(Instant time) {
        return TIME.format(time);
    }
}
