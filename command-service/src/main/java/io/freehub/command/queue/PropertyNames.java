package io.freehub.command.queue;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Names that properties of an application may have. */
final class PropertyNames {

    /** They become parts of header names (RFC 9110, token); IoT Hub allows the same. */
    private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}");

    /** Before names of system properties in topics of MQTT. */
    private static final String SYSTEM = "$.";

    /** The Java SDK for devices throws on any of these, but for the last, which says something else in a topic. */
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
            "iothub-methodname",
            "connectiondeviceid",
            "connectionmoduleid",
            "iothub-outputname",
            "iothub-inputname",
            "iothub-connection-device-id",
            "iothub-connection-module-id",
            "iothub-ack");

    private PropertyNames() {}

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} */
    static void check(String name) {
        if (!SYNTAX.matcher(name).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "the name of a property must be 1 to 256 ASCII letters, digits and ! # $ % & ' * + - . ^ _ ` | ~");
        }
        if (name.startsWith(SYSTEM) || RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "the hub uses the property name '" + name + "' itself, take another");
        }
    }
}
