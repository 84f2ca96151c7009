package io.freehub.twin.command;

import io.freehub.twin.document.Json;

/**
 * What a device has answered to the call of a method.
 *
 * @param status the device's own
 */
public record MethodResponse(int status, Json payload) {}
