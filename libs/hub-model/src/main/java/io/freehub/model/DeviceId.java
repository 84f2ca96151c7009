package io.freehub.model;

import java.util.regex.Pattern;

/**
 * Id of a device in its hub: 1 to 128 ASCII letters, digits and {@code - : . + % _ # * ? ! ( ) , = @ ; $ '},
 * case-sensitive. An invalid id cannot exist.
 *
 * <p>Source: IoT Hub identity registry, "device identity properties".
 */
public record DeviceId(String value) implements Comparable<DeviceId> {

    private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9\\-:.+%_#*?!(),=@;$']{1,128}");

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the text is no device id */
    public DeviceId {
        if (!SYNTAX.matcher(value).matches()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "device id '" + Texts.shown(value)
                            + "' is not 1 to 128 of A-Z a-z 0-9 - : . + % _ # * ? ! ( ) , = @ ; $ '");
        }
    }

    @Override
    public int compareTo(DeviceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
