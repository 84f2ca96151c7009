package io.freehub.gateway.tls;

import io.freehub.gateway.GatewayConfig;
import io.netty.handler.ssl.OpenSsl;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * TLS of the doors: 1.2 and 1.3 by BoringSSL, which does several times the handshakes of the JDK. A client that can
 * gets the P-256 certificate, an older one the RSA certificate.
 */
@ApplicationScoped
public class ServerCertificates {

    private final GatewayConfig config;

    ServerCertificates(GatewayConfig config) {
        this.config = config;
        if (config.tls().certificates().size() != config.tls().keys().size()) {
            throw new IllegalArgumentException("freehub.gateway.tls.certificates and .keys differ in number");
        }
    }

    /** Sets TLS on a server. */
    public void applyTo(NetServerOptions options) {
        var pem = new PemKeyCertOptions();
        config.tls().certificates().forEach(path -> pem.addCertPath(path.toString()));
        config.tls().keys().forEach(path -> pem.addKeyPath(path.toString()));
        options.setSsl(true)
                .setKeyCertOptions(pem)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setSslHandshakeTimeout(config.mqtt().handshakeTimeout().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        if (OpenSsl.isAvailable()) {
            options.setSslEngineOptions(new BoringSslOptions(
                    IntStream.range(0, config.tls().certificates().size())
                            .mapToObj(i -> new BoringSslOptions.Certificate(
                                    config.tls().certificates().get(i),
                                    config.tls().keys().get(i)))
                            .toList()));
        }
    }
}
