package io.freehub.model;

/** Whether a device, and with it each of its modules, may connect. */
public enum DeviceStatus {
    ENABLED("enabled"),
    DISABLED("disabled");

    private final String wireName;

    DeviceStatus(String wireName) {
        this.wireName = wireName;
    }

    /** Spelling on the wire. */
    public String wireName() {
        return wireName;
    }
}
