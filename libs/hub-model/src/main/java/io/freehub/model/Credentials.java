package io.freehub.model;

import java.util.Optional;

/**
 * What must be known of an identity to let it in.
 *
 * @param generationId which life of the id this is
 * @param enabled whether it may connect; a module may when its device may
 * @param keptQos at which it takes messages without asking for them again, because it did so when it kept its session
 */
public record Credentials(
        IdentityId identity,
        String generationId,
        boolean enabled,
        Authentication authentication,
        Optional<Integer> keptQos) {

    /** Of one that has to ask for messages. */
    public Credentials(IdentityId identity, String generationId, boolean enabled, Authentication authentication) {
        this(identity, generationId, enabled, authentication, Optional.empty());
    }
}
