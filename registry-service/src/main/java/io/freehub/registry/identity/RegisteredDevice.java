package io.freehub.registry.identity;

import io.freehub.registry.connection.ConnectionState;

/** A device and whether it is connected. */
public record RegisteredDevice(Device device, ConnectionState connection) {}
