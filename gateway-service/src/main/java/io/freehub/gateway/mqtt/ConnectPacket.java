package io.freehub.gateway.mqtt;

import java.util.Optional;

/**
 * A CONNECT packet (MQTT 3.1.1, section 3.1).
 *
 * @param keepAlive seconds; 0 for none
 */
record ConnectPacket(
        boolean cleanSession,
        int keepAlive,
        String clientId,
        Optional<Will> will,
        Optional<String> username,
        Optional<String> password) {

    /** What is to be published when the client is gone without a DISCONNECT. */
    record Will(String topic, byte[] payload, int qos, boolean retain) {}

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "ConnectPacket[clientId=" + clientId + ", username=" + username.orElse("none") + "]";
    }
}
