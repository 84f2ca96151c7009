package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.testing.KafkaResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.eclipse.microprofile.config.ConfigProvider;
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

    private static SSLSocket connect(String door, String protocol, Optional<String> suite, Optional<String> schemes)
            throws Exception {
        var socket = (SSLSocket)
                Trust.theAuthority().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port(door));
        try {
            var parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            suite.ifPresent(name -> parameters.setCipherSuites(new String[] {name}));
            schemes.ifPresent(name -> parameters.setSignatureSchemes(name.split("\\+")));
            parameters.setServerNames(List.of(new SNIHostName(GatewayResource.HOST)));
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
