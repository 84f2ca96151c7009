package io.freehub.gateway.tls;

import io.netty.buffer.Unpooled;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLCredential;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;

/**
 * A certificate chain and its key in BoringSSL's hands.
 *
 * @param names the host names and addresses that the certificate is for, in lower case; one may begin with {@code *.}
 * @param pointer BoringSSL's object, freed by {@link #free()}
 */
record ServerCredential(List<String> names, long pointer) {

    // Kinds of a GeneralName (RFC 5280, section 4.2.1.6).
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    /**
     * Takes a certificate chain, leaf first, and its key, both in PEM.
     *
     * @throws IOException when a file cannot be read or the key is not that of the certificate
     */
    static ServerCredential load(Path chain, Path key) throws IOException {
        var certificates = Files.readAllBytes(chain);
        long credential = newCredential();
        try {
            setChain(credential, certificates);
            setKey(credential, Files.readAllBytes(key));
            return new ServerCredential(names(certificates), credential);
        } catch (Exception e) {
            new ServerCredential(List.of(), credential).free();
            throw new IOException(chain + " or " + key + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static long newCredential() {
        try {
            return SSLCredential.newX509();
        } catch (Exception e) {
            throw new IllegalStateException("BoringSSL has no credentials", e);
        }
    }

    void free() {
        try {
            SSLCredential.free(pointer);
        } catch (Exception e) {
            throw new IllegalStateException("a credential is freed once", e);
        }
    }

    private static List<String> names(byte[] chain) throws CertificateException {
        var leaf = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(chain));
        var names = leaf.getSubjectAlternativeNames();
        return names == null
                ? List.of()
                : names.stream()
                        .filter(name -> name.getFirst().equals(DNS_NAME)
                                || name.getFirst().equals(IP_ADDRESS))
                        .map(name -> name.get(1).toString().toLowerCase(Locale.ROOT))
                        .toList();
    }

    private static void setChain(long credential, byte[] pem) throws Exception {
        long bio = memory(pem);
        try {
            long chain = SSL.parseX509Chain(bio);
            try {
                SSLCredential.setCertChain(credential, chain);
            } finally {
                SSL.freeX509Chain(chain);
            }
        } finally {
            SSL.freeBIO(bio);
        }
    }

    private static void setKey(long credential, byte[] pem) throws Exception {
        long bio = memory(pem);
        try {
            long key = SSL.parsePrivateKey(bio, null);
            try {
                SSLCredential.setPrivateKey(credential, key);
            } finally {
                SSL.freePrivateKey(key);
            }
        } finally {
            SSL.freeBIO(bio);
        }
    }

    private static long memory(byte[] bytes) throws Exception {
        var buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        long bio = SSL.newMemBIO();
        if (SSL.bioWrite(bio, Unpooled.wrappedBuffer(buffer).memoryAddress(), bytes.length) != bytes.length) {
            SSL.freeBIO(bio);
            throw new IOException("no memory for it");
        }
        return bio;
    }
}
