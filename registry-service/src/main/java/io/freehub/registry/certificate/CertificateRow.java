package io.freehub.registry.certificate;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A certificate in its table. */
@Entity
@Table(name = "certificate")
class CertificateRow {

    @Id
    String name = "";

    long version;

    /** DER. */
    byte[] certificate = {};

    boolean verified;

    @Column(name = "verification_code")
    @Nullable
    String verificationCode;

    @Column(name = "created_at")
    Instant createdAt = Instant.EPOCH;

    @Column(name = "updated_at")
    Instant updatedAt = Instant.EPOCH;

    static CertificateRow of(AuthorityCertificate certificate) {
        var row = new CertificateRow();
        row.name = certificate.name();
        row.take(certificate);
        return row;
    }

    /** Becomes what the certificate is. */
    final void take(AuthorityCertificate stored) {
        version = stored.version();
        certificate = stored.der();
        verified = stored.isVerified();
        verificationCode = stored.verificationCode().orElse(null);
        createdAt = stored.createdAt();
        updatedAt = stored.updatedAt();
    }

    AuthorityCertificate stored() {
        return new AuthorityCertificate(
                name, version, parsed(), verified, Optional.ofNullable(verificationCode), createdAt, updatedAt);
    }

    private X509Certificate parsed() {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        } catch (CertificateException e) {
            throw new IllegalStateException("the stored certificate " + name + " cannot be read", e);
        }
    }
}
