package io.freehub.embedded.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Certificates and keys in files. A file is either complete or not there. */
final class Pem {

    private static final Base64.Encoder ENCODER = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    static void writeCertificate(Path file, X509Certificate certificate) throws IOException, CertificateException {
        write(file, "CERTIFICATE", certificate.getEncoded(), "rw-r--r--");
    }

    static void writeKey(Path file, PrivateKey key) throws IOException {
        write(file, "PRIVATE KEY", key.getEncoded(), "rw-------");
    }

    static X509Certificate readCertificate(Path file) throws IOException, CertificateException {
        try (var in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** @param algorithm that of the certificate's public key */
    static PrivateKey readKey(Path file, String algorithm) throws IOException, GeneralSecurityException {
        var base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----", "").strip();
        return KeyFactory.getInstance(algorithm)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
    }

    private static void write(Path file, String type, byte[] der, String permissions) throws IOException {
        var text = "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, ENCODER.encodeToString(der), type);
        var partial = Files.createTempFile(
                file.toAbsolutePath().getParent(),
                file.getFileName().toString(),
                ".partial",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
        // The umask may have taken bits away at creation.
        Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString(permissions));
        Files.write(partial, text.getBytes(StandardCharsets.US_ASCII));
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
