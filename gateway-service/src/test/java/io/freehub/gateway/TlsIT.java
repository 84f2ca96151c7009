package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.embedded.tls.ServerCertificate;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestAuthority;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of different age get of the doors' certificates. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class TlsIT {

    @ParameterizedTest
    @CsvSource({
        "freehub.gateway.mqtt.port,  TLSv1.3, TLS_AES_128_GCM_SHA256, , EC",
        "freehub.gateway.mqtt.port,  TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, , EC",
        "freehub.gateway.mqtt.port,  TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, , RSA",
        "freehub.gateway.mqtt.port,  TLSv1.3, TLS_AES_128_GCM_SHA256, rsa_pss_rsae_sha256+rsa_pkcs1_sha256, RSA",
        "freehub.gateway.https.port, TLSv1.3, TLS_AES_256_GCM_SHA384, , EC",
        "freehub.gateway.https.port, TLSv1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, , RSA"
    })
    void clientGetsTheCertificateItCanUse(String door, String protocol, String suite, String scheme, String keyType)
            throws Exception {
        try (var socket = connect(door, protocol, Optional.of(suite), Optional.ofNullable(scheme))) {
            assertThat(socket.getSession()
                            .getPeerCertificates()[0]
                            .getPublicKey()
                            .getAlgorithm())
                    .isEqualTo(keyType);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1", "TLSv1.1"})
    void oldProtocolsAreRefused(String protocol) {
        assertThatThrownBy(() -> connect("freehub.gateway.mqtt.port", protocol, Optional.empty(), Optional.empty()))
                .isInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"freehub.gateway.mqtt.port", "freehub.gateway.https.port"})
    void clientGetsTheCertificateOfTheNameItAsksFor(String door) throws Exception {
        assertThat(commonName(certificateFor(door, GatewayResource.OTHER_HOST))).isEqualTo(GatewayResource.OTHER_HOST);
        var own = certificateFor(door, GatewayResource.HOST);
        assertThat(commonName(own)).isNotEqualTo(GatewayResource.OTHER_HOST);
        assertThat(certificateFor(door, "unknown.example.net")).isEqualTo(own);
        assertThat(certificateFor(door, "")).isEqualTo(own);
    }

    @Test
    void changedCertificateIsTakenForNewConnectionsWithoutARestart() throws Exception {
        var files = new ServerCertificate(
                Path.of(config(GatewayResource.OTHER_CERTIFICATE)), Path.of(config(GatewayResource.OTHER_KEY)));
        var before = certificateFor("freehub.gateway.mqtt.port", GatewayResource.OTHER_HOST);
        var fresh = new TestAuthority("elsewhere").issueForHost(GatewayResource.OTHER_HOST);
        try (var open = connect(
                "freehub.gateway.mqtt.port", "TLSv1.3", Optional.empty(), Optional.empty(), GatewayResource.HOST)) {
            // A key that does not fit yet: the old certificate stays until it does.
            Files.writeString(files.certificate(), fresh.chainPem());
            assertThat(certificateFor("freehub.gateway.mqtt.port", GatewayResource.OTHER_HOST))
                    .isEqualTo(before);
            Files.writeString(files.key(), fresh.keyPem());

            for (var door : List.of("freehub.gateway.mqtt.port", "freehub.gateway.https.port")) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> certificateFor(door, GatewayResource.OTHER_HOST), fresh.certificate()::equals);
            }
            open.getOutputStream().write(new byte[] {(byte) 0xc0, 0});
            assertThat(open.getInputStream().read())
                    .as("closed for what it said, not before")
                    .isNegative();
        }
    }

    private static X509Certificate certificateFor(String door, String host) throws Exception {
        try (var socket = connect(door, "TLSv1.3", Optional.empty(), Optional.empty(), host)) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static String commonName(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName().replaceAll(".*CN=([^,]*).*", "$1");
    }

    private static SSLSocket connect(String door, String protocol, Optional<String> suite, Optional<String> schemes)
            throws Exception {
        return connect(door, protocol, suite, schemes, GatewayResource.HOST);
    }

    private static SSLSocket connect(
            String door, String protocol, Optional<String> suite, Optional<String> schemes, String host)
            throws Exception {
        var socket = (SSLSocket)
                Trust.anything().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port(door));
        try {
            var parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            suite.ifPresent(name -> parameters.setCipherSuites(new String[] {name}));
            schemes.ifPresent(name -> parameters.setSignatureSchemes(name.split("\\+")));
            parameters.setServerNames(host.isEmpty() ? List.of() : List.of(new SNIHostName(host)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static int port(String key) {
        return Integer.parseInt(config(key));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
