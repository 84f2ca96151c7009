package io.freehub.registry.certificate;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority as somebody might have one, who signs whatever a test asks for. */
final class TestAuthority {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final X500Principal subject;
    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;

    TestAuthority(String commonName) {
        this.subject = new X500Principal("CN=" + commonName + ", O=Test");
        this.certificate = certificate(subject, keys, new BasicConstraints(true), KeyUsage.keyCertSign, Duration.ZERO);
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** A certificate for a key of its own. */
    X509Certificate issue(String commonName) {
        return certificate(
                new X500Principal("O=Test, CN=" + commonName),
                newKeys(),
                new BasicConstraints(false),
                KeyUsage.digitalSignature,
                Duration.ZERO);
    }

    /** One of this authority's, whose day of validity begins so much later than now. */
    X509Certificate later(String commonName, Duration later) {
        return certificate(
                new X500Principal("CN=" + commonName),
                newKeys(),
                new BasicConstraints(true),
                KeyUsage.keyCertSign,
                later);
    }

    /** One of this authority's that may not issue others, though its basic constraints say that it is an authority. */
    X509Certificate withoutTheRightToSign() {
        return certificate(subject, keys, new BasicConstraints(true), KeyUsage.digitalSignature, Duration.ZERO);
    }

    static String base64(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(X509Certificate certificate) {
        return "-----BEGIN CERTIFICATE-----\n" + base64(certificate).replaceAll("(.{64})", "$1\n")
                + "\n-----END CERTIFICATE-----\n";
    }

    private X509Certificate certificate(
            X500Principal of, KeyPair pair, BasicConstraints constraints, int usage, Duration later) {
        var from = Instant.now().plus(later).minus(Duration.ofHours(12));
        var builder = new JcaX509v3CertificateBuilder(
                subject,
                new BigInteger(120, RANDOM),
                Date.from(from),
                Date.from(from.plus(Duration.ofDays(1))),
                of,
                pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, constraints);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
