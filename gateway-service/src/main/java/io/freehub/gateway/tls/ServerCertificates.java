package io.freehub.gateway.tls;

import io.freehub.gateway.GatewayConfig;
import io.netty.handler.ssl.OpenSsl;
import io.quarkus.logging.Log;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.TrustOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * TLS of the doors: 1.2 and 1.3 by BoringSSL, which does several times the handshakes of the JDK. A client that can
 * gets the P-256 certificate, an older one the RSA certificate. Clients are asked for a certificate and need not have
 * one. When the files change, handshakes from then on get what is in them.
 */
@ApplicationScoped
public class ServerCertificates {

    private final List<Credentials.Source> sources;
    private final long handshakeTimeoutMillis;
    private volatile Credentials credentials;

    /** What the files held when they were last looked at, whether or not it could be used. */
    private volatile String seen;

    ServerCertificates(Vertx vertx, GatewayConfig config) {
        OpenSsl.ensureAvailability();
        var chains = config.tls().certificates();
        var keys = config.tls().keys();
        if (chains.size() != keys.size()) {
            throw new IllegalArgumentException("freehub.gateway.tls.certificates and .keys differ in number");
        }
        this.handshakeTimeoutMillis = config.mqtt().handshakeTimeout().toMillis();
        this.sources = IntStream.range(0, chains.size())
                .mapToObj(i -> new Credentials.Source(chains.get(i), keys.get(i)))
                .toList();
        this.seen = fingerprint();
        this.credentials = loadFirst();
        vertx.setPeriodic(config.tls().reload().toMillis(), _ -> vertx.executeBlocking(this::look, false));
    }

    /** Sets TLS on a server. */
    public void applyTo(NetServerOptions options) {
        options.setSsl(true)
                .setKeyCertOptions(KeyCertOptions.wrap(new NoKeys()))
                .setClientAuth(ClientAuth.REQUEST)
                .setTrustOptions(TrustOptions.wrap(new AnyCertificate()))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setSslHandshakeTimeout(handshakeTimeoutMillis)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setSslEngineOptions(new BoringSslOptions(() -> credentials));
    }

    private boolean look() {
        var fingerprint = fingerprint();
        if (fingerprint.equals(seen)) {
            return false;
        }
        seen = fingerprint;
        try {
            credentials = Credentials.load(sources);
            Log.infof("changed certificates taken files=%s", sources);
            return true;
        } catch (IOException e) {
            // A certificate may be written before its key: then they change once more.
            Log.warnf("changed certificates not taken, the old ones stay reason=%s", e.getMessage());
            return false;
        }
    }

    private Credentials loadFirst() {
        try {
            return Credentials.load(sources);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String fingerprint() {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            sources.stream()
                    .flatMap(source -> Stream.of(source.chain(), source.key()))
                    .map(ServerCertificates::contents)
                    .forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Nothing when the file is away for a moment, or for good: then using it fails and says so. */
    private static byte[] contents(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
