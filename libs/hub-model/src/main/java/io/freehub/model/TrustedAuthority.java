package io.freehub.model;

/**
 * A certificate authority whose certificates prove who a device is.
 *
 * @param name of its certificate in the hub
 * @param certificateBase64Der its certificate
 */
public record TrustedAuthority(String name, String certificateBase64Der) {}
