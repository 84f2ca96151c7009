package io.freehub.gateway.mqtt;

/** Bytes that are no packet a client may send (MQTT 3.1.1, section 4.8): the connection ends. */
final class MalformedPacketException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MalformedPacketException(String what) {
        // Whoever sends rubbish must not make the gateway walk its stack for it.
        super(what, null, false, false);
    }
}
