package io.freehub.model;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The system properties of a device-to-cloud message: those a device may set, and those the hub stamps.
 *
 * <p>Source: IoT Hub, "create and read messages", "system properties of D2C messages"; the keys the SDKs use over MQTT.
 */
public enum SystemProperty {
    MESSAGE_ID(1, "message-id", "$.mid"),
    CORRELATION_ID(2, "correlation-id", "$.cid"),
    USER_ID(3, "user-id", "$.uid"),
    TO(4, "to", "$.to"),
    CONTENT_TYPE(5, "content-type", "$.ct"),
    CONTENT_ENCODING(6, "content-encoding", "$.ce"),
    CREATION_TIME(7, "iothub-creation-time-utc", "$.ctime"),
    EXPIRY(8, "absolute-expiry-time", "$.exp"),
    SUBJECT(9, "dt-subject", "$.sub"),
    INTERFACE_ID(10, "iothub-interface-id", "$.ifid"),
    OUTPUT_NAME(11, "iothub-outputname", "$.on"),
    MESSAGE_SCHEMA(12, "iothub-message-schema", "$.schema"),
    DIAGNOSTIC_ID(13, "iothub-diag-id", "$.diagid"),
    DIAGNOSTIC_CONTEXT(14, "diag-correlation-context", "$.diagctx"),
    ACK(15, "iothub-ack", "iothub-ack"),
    OPERATION(16, "iothub-operation", "iothub-operation"),

    /** Stamped by the hub, as all that follow: what a device claims here is dropped. */
    CONNECTION_DEVICE_ID(32, "iothub-connection-device-id", "$.cdid"),
    CONNECTION_MODULE_ID(33, "iothub-connection-module-id", "$.cmid"),
    CONNECTION_AUTH_METHOD(34, "iothub-connection-auth-method", ""),
    CONNECTION_AUTH_GENERATION_ID(35, "iothub-connection-auth-generation-id", ""),
    ENQUEUED_TIME(36, "iothub-enqueuedtime", ""),
    MESSAGE_SOURCE(37, "iothub-message-source", ""),
    DATA_SCHEMA(38, "dt-dataschema", "");

    private static final int FIRST_STAMPED = 32;
    private static final Map<String, SystemProperty> BY_MQTT_KEY = index(SystemProperty::mqttKey);
    private static final Map<String, SystemProperty> BY_WIRE_NAME = index(SystemProperty::wireName);
    private static final SystemProperty[] BY_CODE = new SystemProperty[FIRST_STAMPED * 2];

    static {
        for (var property : values()) {
            BY_CODE[property.code] = property;
        }
    }

    private final byte code;
    private final String wireName;
    private final String mqttKey;

    SystemProperty(int code, String wireName, String mqttKey) {
        this.code = (byte) code;
        this.wireName = wireName;
        this.mqttKey = mqttKey;
    }

    /** Number inside {@link TelemetryHeaders}; never given to another property. */
    byte code() {
        return code;
    }

    /** Name for consumers and on AMQP. */
    public String wireName() {
        return wireName;
    }

    /** Decoded key in an MQTT topic; empty when it has none. */
    public String mqttKey() {
        return mqttKey;
    }

    /** Whether a device may set it; the others are the hub's to stamp. */
    public boolean isSetByDevice() {
        return code < FIRST_STAMPED;
    }

    /** The property of this decoded MQTT key. */
    public static Optional<SystemProperty> ofMqttKey(String key) {
        return Optional.ofNullable(BY_MQTT_KEY.get(key));
    }

    /** The property of this name. */
    public static Optional<SystemProperty> ofWireName(String name) {
        return Optional.ofNullable(BY_WIRE_NAME.get(name));
    }

    static Optional<SystemProperty> ofCode(int code) {
        return code < 0 || code >= BY_CODE.length ? Optional.empty() : Optional.ofNullable(BY_CODE[code]);
    }

    private static Map<String, SystemProperty> index(Function<SystemProperty, String> key) {
        return Stream.of(values())
                .filter(property -> !key.apply(property).isEmpty())
                .collect(Collectors.toUnmodifiableMap(key, Function.identity()));
    }
}
