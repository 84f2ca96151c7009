package io.freehub.model;

/**
 * What must be known of an identity to let it in.
 *
 * @param generationId which life of the id this is
 * @param enabled whether it may connect; a module may when its device may
 * @param kept what it hears without asking for it again, because it did so when it kept its session
 */
public record Credentials(
        IdentityId identity,
        String generationId,
        boolean enabled,
        Authentication authentication,
        KeptSubscriptions kept) {

    /** Of one that has to ask for all it wants to hear. */
    public Credentials(IdentityId identity, String generationId, boolean enabled, Authentication authentication) {
        this(identity, generationId, enabled, authentication, KeptSubscriptions.NONE);
    }
}
