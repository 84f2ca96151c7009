package io.freehub.model;

/**
 * Id of a device in its hub: 1 to 128 ASCII letters, digits and {@code - : . + % _ # * ? ! ( ) , = @ ; $ '},
 * case-sensitive. An invalid id cannot exist.
 *
 * <p>Source: IoT Hub identity registry, "device identity properties".
 */
public record DeviceId(String value) implements Comparable<DeviceId> {

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the text is no device id */
    public DeviceId {
        Texts.checkId("device", value);
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
