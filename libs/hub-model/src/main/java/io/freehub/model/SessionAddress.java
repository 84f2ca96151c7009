package io.freehub.model;

/**
 * Where what is for one session of a device or module goes.
 *
 * @param session id of the session, unique in the hub
 * @param gateway ordinal of the gateway that has it
 */
public record SessionAddress(IdentityId identity, String session, int gateway) {}
