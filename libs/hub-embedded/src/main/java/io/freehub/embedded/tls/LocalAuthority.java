package io.freehub.embedded.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of one installation. It is made once and kept, so that clients trust it once; the server
 * certificates it issues are replaced when the names change or their end comes near.
 *
 * <p>In its directory: {@code ca.pem} for the clients, {@code ca.key}, and certificate and key of each server leaf.
 */
public final class LocalAuthority {

    private static final Duration AUTHORITY_LIFE = Duration.ofDays(3652);

    /** Apple's clients refuse server certificates that live longer than 825 days. */
    private static final Duration LEAF_LIFE = Duration.ofDays(800);

    private static final Duration LEAF_RENEWAL = Duration.ofDays(60);

    /** For clients whose clock is slow. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path directory;
    private final InstantSource clock;
    private final X509Certificate certificate;
    private final PrivateKey key;

    private LocalAuthority(Path directory, InstantSource clock, X509Certificate certificate, PrivateKey key) {
        this.directory = directory;
        this.clock = clock;
        this.certificate = certificate;
        this.key = key;
    }

    /** The authority kept in this directory; made when there is none. */
    public static LocalAuthority in(Path directory, InstantSource clock) {
        var certificateFile = directory.resolve("ca.pem");
        var keyFile = directory.resolve("ca.key");
        try {
            Files.createDirectories(directory);
            if (!Files.exists(certificateFile)) {
                // RSA, since a client that knows nothing else must be able to check the whole chain.
                var pair = KeyType.RSA.generate();
                // The certificate last: where it is, the key is too.
                Pem.writeKey(keyFile, pair.getPrivate());
                Pem.writeCertificate(certificateFile, selfSigned(pair, clock.instant()));
            }
            var certificate = Pem.readCertificate(certificateFile);
            certificate.checkValidity(Date.from(clock.instant()));
            var key = Pem.readKey(keyFile, certificate.getPublicKey().getAlgorithm());
            return new LocalAuthority(directory, clock, certificate, key);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot keep a certificate authority in " + directory, failed);
        } catch (GeneralSecurityException | OperatorCreationException failed) {
            throw new IllegalStateException("the certificate authority in " + directory + " cannot be used", failed);
        }
    }

    /** PEM file of the root certificate, for clients to trust. */
    public Path certificateFile() {
        return directory.resolve("ca.pem");
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /**
     * Certificates for a server with this host name or IP address, for localhost and for the other names: one with a
     * P-256 key, which costs a sixth of the other's handshake, then one with an RSA-2048 key for old clients.
     */
    public List<ServerCertificate> serverCertificates(String host, Collection<String> others) {
        var names = SubjectNames.of(host, others);
        return List.of(serverCertificate(KeyType.P256, names), serverCertificate(KeyType.RSA, names));
    }

    private ServerCertificate serverCertificate(KeyType type, SubjectNames names) {
        var files = new ServerCertificate(
                directory.resolve("server-" + type.label + ".pem"), directory.resolve("server-" + type.label + ".key"));
        try {
            if (!isCurrent(files, names)) {
                var pair = type.generate();
                Pem.writeKey(files.key(), pair.getPrivate());
                Pem.writeCertificate(files.certificate(), issue(pair.getPublic(), type, names));
            }
            return files;
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot keep certificates in " + directory, failed);
        } catch (GeneralSecurityException | OperatorCreationException failed) {
            throw new IllegalStateException("cannot issue a certificate for " + names, failed);
        }
    }

    private boolean isCurrent(ServerCertificate files, SubjectNames names) throws IOException {
        if (!Files.exists(files.certificate()) || !Files.exists(files.key())) {
            return false;
        }
        try {
            var leaf = Pem.readCertificate(files.certificate());
            leaf.verify(certificate.getPublicKey());
            var alternativeNames = leaf.getSubjectAlternativeNames();
            return alternativeNames != null
                    && names.matches(alternativeNames)
                    && clock.instant()
                            .plus(LEAF_RENEWAL)
                            .isBefore(leaf.getNotAfter().toInstant())
                    && belongTogether(leaf.getPublicKey(), files.key());
        } catch (GeneralSecurityException unusable) {
            return false;
        }
    }

    private static boolean belongTogether(PublicKey publicKey, Path keyFile)
            throws IOException, GeneralSecurityException {
        var algorithm = signatureAlgorithm(publicKey);
        var challenge = new byte[32];
        RANDOM.nextBytes(challenge);
        var signer = Signature.getInstance(algorithm);
        signer.initSign(Pem.readKey(keyFile, publicKey.getAlgorithm()));
        signer.update(challenge);
        var verifier = Signature.getInstance(algorithm);
        verifier.initVerify(publicKey);
        verifier.update(challenge);
        return verifier.verify(signer.sign());
    }

    private X509Certificate issue(PublicKey publicKey, KeyType type, SubjectNames names)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        var subject = new X500Principal("CN=" + commonName(names.main()) + ", O=Freehub");
        var now = clock.instant();
        var end = earlier(now.plus(LEAF_LIFE), certificate.getNotAfter().toInstant());
        var builder = new JcaX509v3CertificateBuilder(
                certificate.getSubjectX500Principal(),
                serialNumber(),
                Date.from(now.minus(BACKDATED)),
                Date.from(end),
                subject,
                publicKey);
        var identifiers = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(type.keyUsage));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectAlternativeName, false, names.toExtension());
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                identifiers.createAuthorityKeyIdentifier(certificate.getPublicKey()));
        builder.addExtension(Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(publicKey));
        return signed(builder, key);
    }

    private static X509Certificate selfSigned(KeyPair pair, Instant now)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        // A name of its own: a trust store that knows two of these must not mistake one for the other.
        var number = HexFormat.of().toHexDigits(RANDOM.nextInt());
        var name = new X500Principal("CN=Freehub local CA " + number + ", O=Freehub");
        var builder = new JcaX509v3CertificateBuilder(
                name,
                serialNumber(),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(AUTHORITY_LIFE)),
                name,
                pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        return signed(builder, pair.getPrivate());
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey authorityKey)
            throws OperatorCreationException, CertificateException {
        var signer = new JcaContentSignerBuilder(signatureAlgorithm(authorityKey)).build(authorityKey);
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    private static String signatureAlgorithm(Key key) {
        return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    }

    private static BigInteger serialNumber() {
        return new BigInteger(127, RANDOM).setBit(0);
    }

    /** The field holds 64 characters; clients look at the alternative names anyway. */
    private static String commonName(String host) {
        return host.length() <= 64 ? host : host.substring(0, 64);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private enum KeyType {
        P256("p256", KeyUsage.digitalSignature),
        RSA("rsa", KeyUsage.digitalSignature | KeyUsage.keyEncipherment);

        private final String label;
        private final int keyUsage;

        KeyType(String label, int keyUsage) {
            this.label = label;
            this.keyUsage = keyUsage;
        }

        KeyPair generate() throws GeneralSecurityException {
            return switch (this) {
                case P256 -> {
                    var generator = KeyPairGenerator.getInstance("EC");
                    generator.initialize(new ECGenParameterSpec("secp256r1"));
                    yield generator.generateKeyPair();
                }
                case RSA -> {
                    var generator = KeyPairGenerator.getInstance("RSA");
                    generator.initialize(2048);
                    yield generator.generateKeyPair();
                }
            };
        }
    }
}
