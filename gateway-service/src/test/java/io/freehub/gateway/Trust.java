package io.freehub.gateway;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.microprofile.config.ConfigProvider;

/** Trust in the authority that signed the gateway's certificates. */
final class Trust {

    private Trust() {}

    static SSLContext theAuthority() throws Exception {
        return theAuthority(new KeyManager[0]);
    }

    /** Trust in whatever a server shows, to look at it. */
    static SSLContext anything() throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context;
    }

    /** As a client that shows a certificate. */
    static SSLContext theAuthority(KeyManager[] keys) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var pem = Files.newInputStream(
                Path.of(ConfigProvider.getConfig().getValue(GatewayResource.CA_FILE, String.class)))) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }
}
