package io.freehub.testing;

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
import java.util.List;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority as somebody might have one, who signs whatever a test asks for. Keys are on the curve P-256. */
public final class TestAuthority {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration DAY = Duration.ofDays(1);

    private final X500Principal subject;
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final List<X509Certificate> above;

    /** One that nobody signed for. */
    public TestAuthority(String commonName) {
        this.subject = new X500Principal("CN=" + commonName + ", O=Test");
        this.keys = newKeys();
        this.certificate = authority(subject, keys, Instant.now().minus(DAY.dividedBy(2)), DAY, KeyUsage.keyCertSign);
        this.above = List.of();
    }

    private TestAuthority(TestAuthority issuer, X500Principal subject, KeyPair keys, X509Certificate certificate) {
        this.subject = subject;
        this.keys = keys;
        this.certificate = certificate;
        this.above = Stream.concat(Stream.of(issuer.certificate), issuer.above.stream())
                .toList();
    }

    /** Its own certificate. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** An authority below this one. */
    public TestAuthority intermediate(String commonName) {
        var below = new X500Principal("CN=" + commonName + ", O=Test");
        var pair = newKeys();
        return new TestAuthority(
                this,
                below,
                pair,
                authority(below, pair, Instant.now().minus(DAY.dividedBy(2)), DAY, KeyUsage.keyCertSign));
    }

    /** A certificate of a client, valid for the day around now; its issuers are those up to the highest authority. */
    public TestCertificate issue(String commonName) {
        return issue(commonName, Instant.now().minus(DAY.dividedBy(2)), DAY);
    }

    /** A certificate of a client with a validity of its own. */
    public TestCertificate issue(String commonName, Instant from, Duration validity) {
        var pair = newKeys();
        var issued = sign(
                new X500Principal("O=Test, CN=" + commonName),
                pair,
                from,
                validity,
                new BasicConstraints(false),
                KeyUsage.digitalSignature,
                List.of());
        return new TestCertificate(
                issued,
                pair.getPrivate(),
                Stream.concat(Stream.of(certificate), above.stream()).toList());
    }

    /** A certificate of a server. */
    public TestCertificate issueForHost(String host) {
        var pair = newKeys();
        var issued = sign(
                new X500Principal("CN=" + host),
                pair,
                Instant.now().minus(DAY.dividedBy(2)),
                DAY,
                new BasicConstraints(false),
                KeyUsage.digitalSignature,
                List.of(host));
        return new TestCertificate(issued, pair.getPrivate(), List.of());
    }

    /** One of this authority's, whose day of validity begins so much later than now. */
    public X509Certificate later(String commonName, Duration later) {
        return authority(
                new X500Principal("CN=" + commonName),
                newKeys(),
                Instant.now().plus(later).minus(DAY.dividedBy(2)),
                DAY,
                KeyUsage.keyCertSign);
    }

    /** One of this authority's that may not issue others, though its basic constraints say that it is an authority. */
    public X509Certificate withoutTheRightToSign() {
        return authority(subject, keys, Instant.now().minus(DAY.dividedBy(2)), DAY, KeyUsage.digitalSignature);
    }

    /** The DER of a certificate. */
    public static String base64(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A certificate as files have it. */
    public static String pem(X509Certificate certificate) {
        return "-----BEGIN CERTIFICATE-----\n" + base64(certificate).replaceAll("(.{64})", "$1\n")
                + "\n-----END CERTIFICATE-----\n";
    }

    private X509Certificate authority(X500Principal of, KeyPair pair, Instant from, Duration validity, int usage) {
        return sign(of, pair, from, validity, new BasicConstraints(true), usage, List.of());
    }

    private X509Certificate sign(
            X500Principal of,
            KeyPair pair,
            Instant from,
            Duration validity,
            BasicConstraints constraints,
            int usage,
            List<String> hosts) {
        var builder = new JcaX509v3CertificateBuilder(
                subject,
                new BigInteger(120, RANDOM),
                Date.from(from),
                Date.from(from.plus(validity)),
                of,
                pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, constraints);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            if (!hosts.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(hosts.stream()
                                .map(host -> new GeneralName(GeneralName.dNSName, host))
                                .toArray(GeneralName[]::new)));
            }
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
