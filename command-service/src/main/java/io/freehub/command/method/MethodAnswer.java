package io.freehub.command.method;

/**
 * What a device has answered.
 *
 * @param status the device's own
 * @param payload JSON text
 */
record MethodAnswer(int status, String payload) {

    /** As back ends read it. */
    String json() {
        return "{\"status\":" + status + ",\"payload\":" + payload + "}";
    }
}
