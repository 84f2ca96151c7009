package io.freehub.model;

/**
 * A message of a back end to a device, as a gateway took it and nobody has checked it yet.
 *
 * @param properties as the sender set them; {@link SystemProperty#ACK} and {@link SystemProperty#EXPIRY} among them
 * @param body as the sender sent it, {@value DeviceBoundMessage#MAX_SIZE} bytes at most with the properties
 */
public record MessageToDevice(MessageProperties properties, byte[] body) {}
