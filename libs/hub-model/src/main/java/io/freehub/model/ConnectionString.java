package io.freehub.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A connection string, {@code Name=value;…}: what a client needs to reach the hub. Never shown by {@link #toString()}. */
public record ConnectionString(Map<String, String> parts) {

    public ConnectionString {
        parts = Map.copyOf(parts);
    }

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when a part has no {@code =} */
    public static ConnectionString parse(String text) {
        var parts = new LinkedHashMap<String, String>();
        for (String part : text.strip().split(";")) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new HubException(HubError.ARGUMENT_INVALID, "a part of the connection string is not Name=value");
            }
            parts.put(part.substring(0, equals), part.substring(equals + 1));
        }
        return new ConnectionString(parts);
    }

    /** How a device with a key of its own connects. */
    public static String ofDevice(String host, DeviceId device, SymmetricKey key) {
        return "HostName=" + host + ";DeviceId=" + device + ";SharedAccessKey=" + key.base64();
    }

    /** How a module with a key of its own connects. */
    public static String ofModule(String host, DeviceId device, ModuleId module, SymmetricKey key) {
        return "HostName=" + host + ";DeviceId=" + device + ";ModuleId=" + module + ";SharedAccessKey=" + key.base64();
    }

    /** How a back end connects by a shared access policy. */
    public static String ofPolicy(String host, String policy, SymmetricKey key) {
        return "HostName=" + host + ";SharedAccessKeyName=" + policy + ";SharedAccessKey=" + key.base64();
    }

    /**
     * How a client of Event Hubs reads events by a shared access policy.
     *
     * <p>Source: the SDKs of Event Hubs.
     *
     * @param endpoint host, with a port where it is not the standard one
     * @param entity name of the hub
     */
    public static String ofEvents(String endpoint, String policy, SymmetricKey key, String entity) {
        return "Endpoint=sb://" + endpoint + "/;SharedAccessKeyName=" + policy + ";SharedAccessKey=" + key.base64()
                + ";EntityPath=" + entity;
    }

    /** The part of this name, such as {@code HostName}. */
    public Optional<String> part(String name) {
        return Optional.ofNullable(parts.get(name));
    }

    @Override
    public String toString() {
        return "ConnectionString[" + part("HostName").orElse("?") + "]";
    }
}
