package io.freehub.registry.certificate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * A certificate as JSON, asked and answered.
 *
 * @param subject distinguished name (RFC 2253)
 * @param thumbprint SHA-1 in hex digits
 * @param expiry, created, updated times (ISO 8601)
 * @param certificate asked: PEM, or base64 of DER; answered: base64 of DER
 * @param verificationCode present while one waits to be signed
 */
public record CertificateDocument(
        @Nullable String name,
        @Nullable String subject,
        @Nullable String thumbprint,
        @Nullable String expiry,
        @Nullable String created,
        @Nullable String updated,
        @JsonProperty("isVerified") @Nullable Boolean isVerified,
        @Nullable String certificate,
        @Nullable String etag,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String verificationCode) {

    static CertificateDocument of(AuthorityCertificate stored) {
        var certificate = stored.certificate();
        return new CertificateDocument(
                stored.name(),
                certificate.getSubjectX500Principal().getName(),
                stored.thumbprint(),
                certificate.getNotAfter().toInstant().toString(),
                stored.createdAt().toString(),
                stored.updatedAt().toString(),
                stored.isVerified(),
                stored.base64Der(),
                stored.etag().value(),
                stored.verificationCode().orElse(null));
    }
}
