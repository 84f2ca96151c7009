package io.freehub.model;

/**
 * What must be known of an identity to let it in.
 *
 * @param generationId which life of the id this is
 * @param enabled whether it may connect; a module may when its device may
 */
public record Credentials(IdentityId identity, String generationId, boolean enabled, Authentication authentication) {}
