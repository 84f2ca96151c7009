package io.freehub.testing;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/**
 * A certificate that a client may show, and its key.
 *
 * @param issuers what is between it and its authority, the nearest first
 */
public record TestCertificate(X509Certificate certificate, PrivateKey key, List<X509Certificate> issuers) {

    /** The certificate, and those it was issued by. */
    public List<X509Certificate> chain() {
        return Stream.concat(Stream.of(certificate), issuers.stream()).toList();
    }

    /** The same with these issuers, rightly or not. */
    public TestCertificate with(List<X509Certificate> others) {
        return new TestCertificate(certificate, key, others);
    }

    /** In upper case, {@code algorithm} being SHA-1 or SHA-256. */
    public String thumbprint(String algorithm) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The chain, leaf first. */
    public String chainPem() {
        return chain().stream().map(TestAuthority::pem).collect(Collectors.joining());
    }

    /** The key in PKCS#8. */
    public String keyPem() {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    /** What a Java client shows it with. */
    public KeyManager[] keyManagers() {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("client", key, new char[0], chain().toArray(Certificate[]::new));
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
