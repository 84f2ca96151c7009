package io.freehub.gateway.tls;

import io.freehub.gateway.GatewayConfig;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.vertx.core.Vertx;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;

/**
 * TLS of the doors: 1.2 and 1.3 by BoringSSL, which does several times the handshakes of the JDK. A client that can
 * gets the P-256 certificate, an older one the RSA certificate.
 */
@ApplicationScoped
public class ServerCertificates {

    private final GatewayConfig config;

    ServerCertificates(GatewayConfig config) {
        this.config = config;
    }

    /** Sets TLS on a server. */
    public void applyTo(NetServerOptions options) {
        options.setSsl(true)
                .setKeyCertOptions(certificates())
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setSslHandshakeTimeout(config.mqtt().handshakeTimeout().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        if (OpenSsl.isAvailable()) {
            // Clients resume by tickets, which cost the server no memory.
            options.setOpenSslEngineOptions(new OpenSSLEngineOptions().setSessionCacheEnabled(false));
        } else {
            options.setJdkSslEngineOptions(new JdkSSLEngineOptions());
        }
    }

    private KeyCertOptions certificates() {
        var pem = new PemKeyCertOptions();
        config.tls().certificates().forEach(path -> pem.addCertPath(path.toString()));
        config.tls().keys().forEach(path -> pem.addKeyPath(path.toString()));
        return OpenSsl.isAvailable() ? new Cached(pem) : pem;
    }

    /** Keeps the keys in BoringSSL's form, which would otherwise be made anew for every handshake. */
    private record Cached(KeyCertOptions options) implements KeyCertOptions {

        @Override
        public KeyCertOptions copy() {
            return new Cached(options.copy());
        }

        @Override
        public KeyManagerFactory getKeyManagerFactory(Vertx vertx) throws Exception {
            return new OpenSslCachingX509KeyManagerFactory(options.getKeyManagerFactory(vertx));
        }

        @Override
        public Function<String, X509KeyManager> keyManagerMapper(Vertx vertx) throws Exception {
            return options.keyManagerMapper(vertx);
        }

        @Override
        public Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx) throws Exception {
            return options.keyManagerFactoryMapper(vertx);
        }
    }
}
