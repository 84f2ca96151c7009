package io.freehub.gateway.tls;

import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.netty.internal.tcnative.SSLCredential;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * BoringSSL with several certificates, of which it takes the first that the client's hello allows: its signature
 * algorithms, its cipher suites and its groups. Netty would choose by the key type alone, without looking at the client,
 * and would make the key anew for every handshake.
 */
final class BoringSslOptions extends OpenSSLEngineOptions {

    /** A certificate chain and its key, both in PEM. */
    record Certificate(Path chain, Path key) {}

    /** Netty's native context, of which its public pointer is but a part. */
    private static final VarHandle CONTEXT = context();

    private final List<Certificate> certificates;

    /** @param certificates the most wanted first */
    BoringSslOptions(List<Certificate> certificates) {
        this.certificates = certificates;
        // Clients resume by tickets, which cost the server no memory.
        setSessionCacheEnabled(false);
    }

    @Override
    public OpenSSLEngineOptions copy() {
        return new BoringSslOptions(certificates);
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.OPENSSL, false) {
            @Override
            public SslContext create() throws SSLException {
                var context = super.create();
                try {
                    offer((long) CONTEXT.get((ReferenceCountedOpenSslContext) context));
                } catch (Exception e) {
                    throw new SSLException("a certificate or key cannot be used: " + e.getMessage(), e);
                }
                return context;
            }
        };
    }

    private static VarHandle context() {
        try {
            return MethodHandles.privateLookupIn(ReferenceCountedOpenSslContext.class, MethodHandles.lookup())
                    .findVarHandle(ReferenceCountedOpenSslContext.class, "ctx", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private void offer(long context) throws Exception {
        // Netty's callback would choose a certificate of its own; this one leaves it to the credentials below.
        SSLContext.setCertificateCallback(context, (_, _, _) -> {});
        for (var certificate : certificates) {
            long credential = SSLCredential.newX509();
            try {
                setChain(credential, certificate.chain());
                setKey(credential, certificate.key());
                SSLContext.addCredential(context, credential);
            } finally {
                // The context holds a reference of its own.
                SSLCredential.free(credential);
            }
        }
    }

    private static void setChain(long credential, Path file) throws Exception {
        long bio = memory(file);
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

    private static void setKey(long credential, Path file) throws Exception {
        long bio = memory(file);
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

    private static long memory(Path file) throws Exception {
        var bytes = Files.readAllBytes(file);
        var buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        long bio = SSL.newMemBIO();
        if (SSL.bioWrite(bio, Unpooled.wrappedBuffer(buffer).memoryAddress(), bytes.length) != bytes.length) {
            SSL.freeBIO(bio);
            throw new IOException("cannot read " + file);
        }
        return bio;
    }
}
