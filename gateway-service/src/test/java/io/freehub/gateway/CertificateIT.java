package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Authentication;
import io.freehub.model.SasToken;
import io.freehub.model.SystemProperty;
import io.freehub.model.TelemetryHeaders;
import io.freehub.model.Topic;
import io.freehub.model.TrustedAuthority;
import io.freehub.service.authority.TrustedAuthorities;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.MqttPacket;
import io.freehub.testing.TestAuthority;
import io.freehub.testing.TestCertificate;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that show a certificate, in real handshakes. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class CertificateIT {

    @Inject
    TrustedAuthorities authorities;

    private final String device = "c-" + UUID.randomUUID();
    private final TestAuthority authority = new TestAuthority("authority of " + device);
    private FakeRegistry registry;

    @BeforeEach
    void startRegistry() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
    }

    @AfterEach
    void stopRegistry() {
        registry.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void certificateOfAThumbprintOpensAndIsStamped(String protocol) throws Exception {
        var shown = new TestAuthority("nobody").issue("whoever");
        registry.add(device, new Authentication.SelfSigned(Optional.of(shown.thumbprint("SHA-256")), Optional.empty()));
        var context = client(shown);

        // The second connection resumes the session of the first, and the certificate is still known.
        for (int i = 1; i <= 2; i++) {
            try (var client = connect(context, protocol)) {
                assertThat(client.connect(device, "")).isZero();
                client.publish("devices/" + device + "/messages/events/", i, "x");
                assertThat(client.puback()).isEqualTo(i);
            }
        }
        try (var telemetry = TopicReader.fromStart(Topic.TELEMETRY.name())) {
            var stored = telemetry.await(record -> record.key().equals(device));
            assertThat(TelemetryHeaders.decode(stored.headers()
                                    .lastHeader(TelemetryHeaders.PROPERTIES)
                                    .value())
                            .system())
                    .containsEntry(
                            SystemProperty.CONNECTION_AUTH_METHOD,
                            "{\"scope\":\"device\",\"type\":\"x509\",\"issuer\":\"iothub\"}");
        }
    }

    @Test
    void certificateOfAnAuthorityOpensForAsLongAsTheHubTrustsIt() throws Exception {
        registry.add(device, new Authentication.CertificateAuthority());
        var shown = client(authority.intermediate("factory").issue(device));
        assertThat(answerTo(shown)).isEqualTo(5);

        publish(HubJson.write(new TrustedAuthority(device, TestAuthority.base64(authority.certificate()))));
        until(() -> authorities.all().contains(authority.certificate()));
        assertThat(answerTo(shown)).isZero();
        assertThat(answerTo(client(new TestAuthority("authority of " + device).issue(device))))
                .isEqualTo(5);

        publish(null);
        until(() -> !authorities.all().contains(authority.certificate()));
        assertThat(answerTo(shown)).isEqualTo(5);
    }

    @Test
    void deviceWithoutACertificateOrWithAWrongOneIsRefused() throws Exception {
        var right = authority.issue(device);
        registry.add(device, new Authentication.SelfSigned(Optional.of(right.thumbprint("SHA-1")), Optional.empty()));

        assertThat(answerTo(Trust.theAuthority())).isEqualTo(5);
        assertThat(answerTo(client(authority.issue(device)))).isEqualTo(5);
        registry.disable(device);
        assertThat(answerTo(client(right))).isEqualTo(5);
    }

    @Test
    void certificateDisturbsNoDeviceThatHasAKey() throws Exception {
        var keys = registry.add(device);
        var token = SasToken.create(
                GatewayResource.HOST + "/devices/" + device,
                keys.primary(),
                Instant.now().plusSeconds(60),
                Optional.empty());

        try (var client = connect(client(authority.issue(device)), "TLSv1.3")) {
            assertThat(client.connect(device, token)).isZero();
        }
        assertThat(answerTo(client(authority.issue(device)))).isEqualTo(5);
    }

    @Test
    void certificateOpensOverHttpsToo() throws Exception {
        var shown = authority.issue(device);
        registry.add(device, new Authentication.SelfSigned(Optional.of(shown.thumbprint("SHA-1")), Optional.empty()));

        assertThat(post(client(shown), "")).isEqualTo(204);
        // Blank is none: the C SDK sends that beside a certificate.
        assertThat(post(client(shown), " ")).isEqualTo(204);
        assertThat(post(client(authority.issue(device)), "")).isEqualTo(401);
        assertThat(post(Trust.theAuthority(), "")).isEqualTo(401);
    }

    @Test
    void certificateOpensOverWebSocketsToo() throws Exception {
        var shown = authority.issue(device);
        registry.add(device, new Authentication.SelfSigned(Optional.of(shown.thumbprint("SHA-1")), Optional.empty()));

        assertThat(connackOverWebSocket(client(shown))).isZero();
        assertThat(connackOverWebSocket(Trust.theAuthority())).isEqualTo(5);
    }

    private int connackOverWebSocket(SSLContext context) throws Exception {
        var connack = new CompletableFuture<Integer>();
        try (var http = HttpClient.newBuilder().sslContext(context).build()) {
            var socket = http.newWebSocketBuilder()
                    .subprotocols("mqtt")
                    .buildAsync(
                            URI.create(
                                    "wss://localhost:" + config("freehub.gateway.https.port") + "/$iothub/websocket"),
                            new WebSocket.Listener() {
                                @Override
                                public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
                                    connack.complete((int) data.get(3));
                                    return null;
                                }
                            })
                    .get(20, TimeUnit.SECONDS);
            socket.sendBinary(
                    ByteBuffer.wrap(MqttPacket.connect(
                            device, GatewayResource.HOST + "/" + device + "/?api-version=2021-04-12", "", 60)),
                    true);
            try {
                return connack.get(20, TimeUnit.SECONDS);
            } finally {
                socket.abort();
            }
        }
    }

    private int post(SSLContext context, String authorization) throws Exception {
        try (var http = HttpClient.newBuilder().sslContext(context).build()) {
            var request = HttpRequest.newBuilder(URI.create("https://localhost:" + config("freehub.gateway.https.port")
                            + "/devices/" + device + "/messages/events?api-version=2021-04-12"))
                    .POST(HttpRequest.BodyPublishers.ofString("x"));
            if (!authorization.isEmpty()) {
                request.header("Authorization", authorization);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private int answerTo(SSLContext context) throws Exception {
        try (var client = connect(context, "TLSv1.3")) {
            return client.connect(device, "");
        }
    }

    private static SSLContext client(TestCertificate certificate) throws Exception {
        return Trust.theAuthority(certificate.keyManagers());
    }

    private static RawClient connect(SSLContext context, String protocol) throws IOException {
        var socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), Integer.parseInt(config("freehub.gateway.mqtt.port")));
        socket.setEnabledProtocols(new String[] {protocol});
        return new RawClient(socket);
    }

    private void publish(byte @Nullable [] authority) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topic.CERTIFICATES.name(), device, authority));
        }
    }

    private static void until(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition);
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
