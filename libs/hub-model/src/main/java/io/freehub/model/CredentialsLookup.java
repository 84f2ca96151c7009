package io.freehub.model;

import java.util.List;

/**
 * The question of a gateway to the registry: who are these, and what opens the door for them?
 *
 * @param identities at most {@value #MAX_IDENTITIES}
 */
public record CredentialsLookup(List<IdentityId> identities) {

    /** Most identities in one question. */
    public static final int MAX_IDENTITIES = 128;

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when there are too many */
    public CredentialsLookup {
        if (identities.size() > MAX_IDENTITIES) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "a look-up has at most " + MAX_IDENTITIES + " identities");
        }
        identities = List.copyOf(identities);
    }

    /** What the registry answers: the credentials of those that exist. */
    public record Answer(List<Credentials> credentials) {}
}
