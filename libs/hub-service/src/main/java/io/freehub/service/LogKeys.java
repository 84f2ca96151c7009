package io.freehub.service;

/** Keys of the logging context; they become fields of a JSON log line. */
public final class LogKeys {

    /** Device that the line is about. */
    public static final String DEVICE_ID = "deviceId";

    /** Module of that device, when the line is about one. */
    public static final String MODULE_ID = "moduleId";

    /** What ties together the lines of one request or session. */
    public static final String CORRELATION_ID = "correlationId";

    /** Who called: a policy of the hub, or whom the identity provider vouches for. */
    public static final String PRINCIPAL = "principal";

    private LogKeys() {}
}
