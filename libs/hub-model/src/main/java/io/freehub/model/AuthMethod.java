package io.freehub.model;

/**
 * How a connection proved itself, as the hub stamps it on each message.
 *
 * <p>Source: IoT Hub, "create and read messages", {@code iothub-connection-auth-method}.
 */
public enum AuthMethod {
    /** A token of a shared access policy. */
    HUB_SAS("hub", "sas"),
    /** A token of the device's own key. */
    DEVICE_SAS("device", "sas"),
    /** A client certificate. */
    DEVICE_X509("device", "x509"),
    /** A token of the module's own key. */
    MODULE_SAS("module", "sas"),
    /** A client certificate of a module. */
    MODULE_X509("module", "x509");

    private final String json;

    AuthMethod(String scope, String type) {
        this.json = "{\"scope\":\"" + scope + "\",\"type\":\"" + type + "\",\"issuer\":\"iothub\"}";
    }

    /** The JSON text of the system property. */
    public String json() {
        return json;
    }
}
