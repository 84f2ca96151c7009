package io.freehub.registry.certificate;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.TrustedAuthority;
import io.freehub.service.http.ETag;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A certificate of an authority as the hub keeps it. Name: 1 to 64 letters, digits and {@code - . _}.
 *
 * @param version counts writes
 * @param verificationCode what the holder of the key is to sign; empty unless it was asked for since the last upload
 */
record AuthorityCertificate(
        String name,
        long version,
        X509Certificate certificate,
        boolean isVerified,
        Optional<String> verificationCode,
        Instant createdAt,
        Instant updatedAt) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9\\-._]{1,64}");

    /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the name is none */
    static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new HubException(HubError.ARGUMENT_INVALID, "a certificate's name is 1 to 64 of A-Z a-z 0-9 - . _");
        }
        return name;
    }

    ETag etag() {
        return ETag.of(version);
    }

    /** SHA-1 in upper-case hex digits, by which IoT Hub and its tools name certificates. */
    String thumbprint() {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(der()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    byte[] der() {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("what was parsed can be encoded", e);
        }
    }

    String base64Der() {
        return Base64.getEncoder().encodeToString(der());
    }

    /** What the gateways hear of it: nothing unless it is verified. */
    Optional<TrustedAuthority> trusted() {
        return isVerified ? Optional.of(new TrustedAuthority(name, base64Der())) : Optional.empty();
    }
}
