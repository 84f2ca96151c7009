package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.testing.KafkaResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class HttpsGatewayIT {

    @Test
    void callGoesToTheServiceThatOwnsThePath() throws Exception {
        var registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        try {
            registry.add("boiler");

            var answer = get("/devices/boiler?api-version=2021-04-12");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"deviceId\":\"boiler\"");
        } finally {
            registry.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/devices%2Fb%25x", "/devices/b%25x/", "/devices/b%x", "//devices/b%25x"})
    void pathIsReadHoweverItIsSpelt(String path) throws Exception {
        var registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        try {
            registry.add("b%x");

            var answer = raw("GET " + path + "?api-version=2021-04-12 HTTP/1.1");

            assertThat(answer).startsWith("HTTP/1.1 200 ").contains("\"deviceId\":\"b%x\"");
        } finally {
            registry.stop();
        }
    }

    @Test
    void longBearerTokenReachesTheServiceAsItIs() throws Exception {
        var registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        try {
            registry.add("boiler");
            var bearer = "Bearer " + "x".repeat(16 * 1024);

            var answer = get("/devices/boiler?api-version=2021-04-12", bearer);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(registry.authorization()).isEqualTo(bearer);
        } finally {
            registry.stop();
        }
    }

    /** Sends a request line that no HTTP library would. */
    private static String raw(String requestLine) throws Exception {
        try (var socket = Trust.theAuthority()
                .getSocketFactory()
                .createSocket("localhost", Integer.parseInt(config("freehub.gateway.https.port")))) {
            socket.getOutputStream()
                    .write((requestLine + "\r\nHost: localhost\r\nAuthorization: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void serviceThatIsAwayIsSaidToBeSoInTheWordsThatClientsRead() throws Exception {
        var answer = get("/devices/boiler?api-version=2021-04-12");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("iothub-errorcode")).contains("ServiceUnavailable");
        assertThat(answer.headers().firstValue("x-ms-request-id")).isPresent();
        assertThat(answer.body()).startsWith("{\"Message\":\"ErrorCode:ServiceUnavailable;");
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return get(path, "SharedAccessSignature sr=x&sig=x&se=1&skn=x");
    }

    private static HttpResponse<String> get(String path, String authorization) throws Exception {
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(Trust.theAuthority())
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create("https://localhost:" + config("freehub.gateway.https.port") + path))
                            .header("Authorization", authorization)
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
