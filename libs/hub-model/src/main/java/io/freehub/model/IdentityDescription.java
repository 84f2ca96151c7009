package io.freehub.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What anybody may know of a device or module, in one version of it: no secret is in it.
 *
 * @param etag tag of the version, as clients get it
 * @param status a module is always enabled itself
 * @param statusReason free text
 * @param statusUpdatedAt when the status last changed; empty when it never did
 * @param authentication how it proves itself, in the words of the wire: {@code sas}, {@code selfSigned},
 *     {@code certificateAuthority} or {@code none}
 * @param primaryThumbprint of a certificate of its own
 * @param secondaryThumbprint likewise
 * @param iotEdge whether it is an edge device; empty of a module
 * @param deviceScope an edge device's own, a leaf's parent's
 * @param parentScopes those it is below of
 */
public record IdentityDescription(
        String etag,
        DeviceStatus status,
        Optional<String> statusReason,
        Optional<Instant> statusUpdatedAt,
        String authentication,
        Optional<String> primaryThumbprint,
        Optional<String> secondaryThumbprint,
        Optional<Boolean> iotEdge,
        Optional<String> deviceScope,
        List<String> parentScopes) {

    public IdentityDescription {
        parentScopes = List.copyOf(parentScopes);
    }
}
