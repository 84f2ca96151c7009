package io.freehub.twin.registry;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Optional;

/**
 * A device or module as registry-service answers it, without its keys. Times and states are in the words of the wire, as
 * twins have them too.
 *
 * @param status of a device only
 * @param statusReason of a device only
 * @param statusUpdatedTime of a device only
 * @param capabilities of a device only
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RegisteredIdentity(
        String generationId,
        String etag,
        String connectionState,
        String lastActivityTime,
        Optional<String> status,
        Optional<String> statusReason,
        Optional<String> statusUpdatedTime,
        Authentication authentication,
        Optional<Capabilities> capabilities,
        Optional<String> deviceScope,
        Optional<List<String>> parentScopes) {

    /** How it proves itself. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Authentication(String type, Thumbprints x509Thumbprint) {}

    /** Of its certificates. */
    public record Thumbprints(Optional<String> primaryThumbprint, Optional<String> secondaryThumbprint) {}

    /** What a device can be. */
    public record Capabilities(boolean iotEdge) {}

    /** The generation as a number: later ones are greater. */
    public long generation() {
        return Long.parseLong(generationId);
    }
}
