package io.freehub.model;

import java.util.Optional;

/** How a device or module proves who it is. */
public sealed interface Authentication {

    /** By a token that one of the keys signed. */
    record Sas(SymmetricKeys keys) implements Authentication {}

    /** By a certificate with one of these thumbprints, SHA-1 or SHA-256 in hex. */
    record SelfSigned(Optional<String> primaryThumbprint, Optional<String> secondaryThumbprint)
            implements Authentication {}

    /** By a certificate of a registered authority whose common name is the device id. */
    record CertificateAuthority() implements Authentication {}

    /** By nothing: it has no credentials of its own yet, as the modules that the hub makes for an edge device. */
    record None() implements Authentication {}
}
