package io.freehub.gateway.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * BoringSSL with several certificates. Of those for the host name that the client asks for, it takes the first that the
 * client's hello allows: its signature algorithms, its cipher suites and its groups. Netty would choose by the key type
 * alone, without looking at the client, and would make the key anew for every handshake.
 */
final class BoringSslOptions extends OpenSSLEngineOptions {

    /** Netty's native context, of which its public pointer is but a part. */
    private static final VarHandle CONTEXT = context();

    private final Supplier<Credentials> credentials;

    /** @param credentials what the next handshake is to have */
    BoringSslOptions(Supplier<Credentials> credentials) {
        this.credentials = credentials;
        // Clients resume by tickets, which cost the server no memory.
        setSessionCacheEnabled(false);
    }

    @Override
    public OpenSSLEngineOptions copy() {
        return new BoringSslOptions(credentials);
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.OPENSSL, false) {
            @Override
            public SslContext create() throws SSLException {
                var context = super.create();
                // Takes the place of Netty's callback, which would choose a certificate of its own.
                SSLContext.setCertificateCallback(
                        (long) CONTEXT.get((ReferenceCountedOpenSslContext) context),
                        (connection, _, _) -> offer(connection));
                return context;
            }
        };
    }

    private void offer(long connection) throws Exception {
        var offered = credentials.get();
        try {
            for (var credential : offered.find(SSL.getSniHostname(connection))) {
                SSL.addCredential(connection, credential.pointer());
            }
        } finally {
            // They are freed when nobody has them any more; BoringSSL has its own references from here on.
            Reference.reachabilityFence(offered);
        }
    }

    private static VarHandle context() {
        try {
            return MethodHandles.privateLookupIn(ReferenceCountedOpenSslContext.class, MethodHandles.lookup())
                    .findVarHandle(ReferenceCountedOpenSslContext.class, "ctx", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
