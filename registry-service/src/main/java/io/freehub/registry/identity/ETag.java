package io.freehub.registry.identity;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Tag of one version of an identity, a policy or a certificate: base64 of the decimal version. */
public record ETag(String value) {

    /** The tag of a version that counts writes. */
    public static ETag of(long version) {
        return new ETag(
                Base64.getEncoder().encodeToString(Long.toString(version).getBytes(StandardCharsets.US_ASCII)));
    }

    /** As in an {@code ETag} header. */
    public String quoted() {
        return '"' + value + '"';
    }
}
