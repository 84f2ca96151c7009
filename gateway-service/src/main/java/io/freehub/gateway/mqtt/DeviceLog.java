package io.freehub.gateway.mqtt;

import io.freehub.service.LogKeys;
import io.quarkus.logging.Log;
import org.jboss.logging.MDC;

/** Log lines about one device: its id, and that of its session, become fields of the line. */
final class DeviceLog {

    private DeviceLog() {}

    /** @param session empty when there is none yet */
    static void info(String device, String session, String text) {
        MDC.put(LogKeys.DEVICE_ID, device);
        MDC.put(LogKeys.CORRELATION_ID, session);
        try {
            Log.info(text);
        } finally {
            MDC.remove(LogKeys.DEVICE_ID);
            MDC.remove(LogKeys.CORRELATION_ID);
        }
    }
}
