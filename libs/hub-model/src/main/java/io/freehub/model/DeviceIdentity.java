package io.freehub.model;

import java.util.Optional;

/**
 * A device as the identity registry knows it.
 *
 * @param generationId made by the hub; another one after the device was deleted and created again
 * @param version counts the writes of this identity
 * @param statusReason free text of at most 128 characters
 */
public record DeviceIdentity(
        DeviceId id,
        String generationId,
        long version,
        Status status,
        Optional<String> statusReason,
        Authentication authentication) {

    /** Whether the device may connect. */
    public enum Status {
        ENABLED("enabled"),
        DISABLED("disabled");

        private final String wireName;

        Status(String wireName) {
            this.wireName = wireName;
        }

        /** Spelling on the wire. */
        public String wireName() {
            return wireName;
        }
    }

    /** Whether the device may connect. */
    public boolean isEnabled() {
        return status == Status.ENABLED;
    }
}
