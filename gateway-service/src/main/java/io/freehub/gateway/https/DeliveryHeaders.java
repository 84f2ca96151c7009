package io.freehub.gateway.https;

import io.freehub.gateway.command.DeviceProperties;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.SystemProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The headers that a message is given to a device with. SDKs look for the names in this very spelling; what stands about
 * the content has two names, since the C SDK knows other ones.
 *
 * <p>Source: IoT Hub REST, "Receive Device Bound Notification"; the names that the SDKs read.
 */
final class DeliveryHeaders {

    private static final Map<SystemProperty, List<String>> NAMES = Map.of(
            SystemProperty.MESSAGE_ID, List.of("iothub-messageid"),
            SystemProperty.CORRELATION_ID, List.of("iothub-correlationid"),
            SystemProperty.USER_ID, List.of("iothub-userid"),
            SystemProperty.TO, List.of("iothub-to"),
            SystemProperty.CONTENT_TYPE, List.of("iothub-contenttype", "ContentType"),
            SystemProperty.CONTENT_ENCODING, List.of("iothub-contentencoding", "ContentEncoding"),
            SystemProperty.EXPIRY, List.of("iothub-expiry"),
            SystemProperty.ACK, List.of("iothub-ack"));

    /** The C# SDK reads it as a byte. */
    private static final int MOST_DELIVERIES = 255;

    private static final String NAME_CHARACTERS = "!#$%&'*+-.^_`|~";

    private DeliveryHeaders() {}

    /** The headers; what can stand in none is left out. */
    static Map<String, String> of(DeviceId device, DeviceBoundMessage message) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ETag", '"' + message.lockToken() + '"');
        headers.put("Content-Type", "application/octet-stream");
        headers.put("iothub-sequencenumber", Long.toString(message.sequenceNumber()));
        headers.put("iothub-enqueuedtime", DeviceProperties.time(message.enqueuedAt()));
        headers.put("iothub-deliverycount", Integer.toString(Math.min(MOST_DELIVERIES, message.deliveryCount())));
        var properties = DeviceProperties.of(device, message);
        properties.system().forEach((property, value) -> {
            if (isValue(value)) {
                NAMES.getOrDefault(property, List.of()).forEach(name -> headers.put(name, value));
            }
        });
        properties.application().forEach((name, value) -> {
            if (isName(name) && isValue(value)) {
                headers.put("iothub-app-" + name, value);
            }
        });
        return headers;
    }

    private static boolean isName(String text) {
        return text.chars()
                .allMatch(c -> c >= 'a' && c <= 'z'
                        || c >= 'A' && c <= 'Z'
                        || c >= '0' && c <= '9'
                        || NAME_CHARACTERS.indexOf(c) >= 0);
    }

    private static boolean isValue(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }
}
