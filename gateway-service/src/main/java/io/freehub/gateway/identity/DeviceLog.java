package io.freehub.gateway.identity;

import io.freehub.service.LogKeys;
import io.quarkus.logging.Log;
import org.jboss.logging.MDC;

/** Log lines about one device or module: its ids, and that of its session, become fields of the line. */
public final class DeviceLog {

    private DeviceLog() {}

    /**
     * @param client {@code device} or {@code device/module}
     * @param session empty when there is none
     */
    public static void info(String client, String session, String text) {
        int slash = client.indexOf('/');
        MDC.put(LogKeys.DEVICE_ID, slash < 0 ? client : client.substring(0, slash));
        if (slash >= 0) {
            MDC.put(LogKeys.MODULE_ID, client.substring(slash + 1));
        }
        MDC.put(LogKeys.CORRELATION_ID, session);
        try {
            Log.info(text);
        } finally {
            MDC.remove(LogKeys.DEVICE_ID);
            MDC.remove(LogKeys.MODULE_ID);
            MDC.remove(LogKeys.CORRELATION_ID);
        }
    }
}
