package io.freehub.gateway.amqp;

import io.freehub.gateway.command.DeviceProperties;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.SystemProperty;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;

/**
 * A message to a device as SDKs read it: one data section, and nothing but strings for application properties, for the C SDK
 * refuses all else.
 *
 * <p>Source: IoT Hub, "send cloud-to-device messages"; what the SDKs read, the annotations being the C# SDK's.
 */
final class DeviceBoundEncoding {

    private DeviceBoundEncoding() {}

    static byte[] of(DeviceId device, DeviceBoundMessage message) {
        var properties = DeviceProperties.of(device, message);
        var application = new HashMap<String, Object>(properties.application());
        var encoded = Proton.message();
        properties.system().forEach((property, value) -> {
            switch (property) {
                case MESSAGE_ID -> encoded.setMessageId(value);
                case CORRELATION_ID -> encoded.setCorrelationId(value);
                case TO -> encoded.setAddress(value);
                case USER_ID -> encoded.setUserId(value.getBytes(StandardCharsets.UTF_8));
                case CONTENT_TYPE -> encoded.setContentType(value);
                case CONTENT_ENCODING -> encoded.setContentEncoding(value);
                case EXPIRY -> encoded.setExpiryTime(message.expiresAt().toEpochMilli());
                case CREATION_TIME ->
                    encoded.setCreationTime(Instant.parse(value).toEpochMilli());
                default -> application.put(property.wireName(), value);
            }
        });
        encoded.setApplicationProperties(new ApplicationProperties(application));
        encoded.setMessageAnnotations(annotations(message));
        encoded.setBody(new Data(new Binary(message.body())));
        return Encoding.of(encoded, message.body().length);
    }

    private static MessageAnnotations annotations(DeviceBoundMessage message) {
        return new MessageAnnotations(Map.of(
                Symbol.valueOf("x-opt-lock-token"),
                message.lockToken(),
                Symbol.valueOf("x-opt-sequence-number"),
                UnsignedLong.valueOf(message.sequenceNumber()),
                Symbol.valueOf(SystemProperty.ENQUEUED_TIME.wireName()),
                Date.from(message.enqueuedAt()),
                Symbol.valueOf("iothub-deliverycount"),
                UnsignedByte.valueOf((byte) Math.min(message.deliveryCount(), 0xff))));
    }
}
