package io.freehub.gateway.identity;

import io.freehub.model.SasToken;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a client shows to prove who it is. */
public sealed interface Proof {

    /** A shared access signature. */
    record Token(SasToken token) implements Proof {}

    /**
     * The certificates of the TLS handshake, the client's own first; TLS has proved that it has the key. Nothing else of
     * them was checked.
     */
    record Certificates(List<X509Certificate> chain) implements Proof {}

    /** Neither. */
    record Nothing() implements Proof {}

    /** By these certificates, or nothing when there are none. */
    static Proof of(List<X509Certificate> chain) {
        return chain.isEmpty() ? new Nothing() : new Certificates(chain);
    }
}
