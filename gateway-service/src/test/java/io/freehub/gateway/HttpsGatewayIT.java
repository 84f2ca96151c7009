package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.freehub.testing.KafkaResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import javax.net.ssl.SSLSocket;
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

    @Test
    void callAboutTwinsGoesToTwinService() throws Exception {
        int port = URI.create(config("freehub.gateway.twins.url")).getPort();
        assertThat(get("/twins/boiler?api-version=2021-04-12").statusCode()).isEqualTo(503);
        var twins = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        try {
            twins.createContext("/twins/boiler", exchange -> {
                try (exchange) {
                    var body = "the twin".getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                }
            });
            twins.start();

            assertThat(get("/twins/boiler?api-version=2021-04-12").body()).isEqualTo("the twin");
            assertThat(get("/twins%2Fboiler?api-version=2021-04-12").body()).isEqualTo("the twin");
        } finally {
            twins.stop(0);
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/internal/credentials",
                "/INTERNAL/credentials",
                "/%69nternal/credentials",
                "//internal/credentials",
                "/devices/../internal/credentials",
                "/devices/%2e%2e/internal/credentials",
                "/devices/./x",
                "/q/metrics"
            })
    void whatIsForTheHubItselfIsHidden(String path) throws Exception {
        assertThat(raw("GET " + path + "?api-version=2021-04-12 HTTP/1.1"))
                .startsWith("HTTP/1.1 404 ")
                .contains("iothub-errorcode: GenericNotFound\r\n", "there is nothing at GET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1048577", "Transfer-Encoding: chunked"})
    void bodyThatIsTooLargeIsSaidToBeSo(String framing) throws Exception {
        var registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        try (var socket = Trust.theAuthority()
                .getSocketFactory()
                .createSocket("localhost", Integer.parseInt(config("freehub.gateway.https.port")))) {
            var out = socket.getOutputStream();
            out.write(("PUT /devices/boiler?api-version=2021-04-12 HTTP/1.1\r\nHost: localhost\r\n" + framing
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            if (framing.endsWith("chunked")) {
                for (int i = 0; i < 17; i++) {
                    out.write("10000\r\n".getBytes(StandardCharsets.US_ASCII));
                    out.write(new byte[0x10000]);
                    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            }
            out.flush();
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer)
                    .startsWith("HTTP/1.1 413 ")
                    .contains("iothub-errorcode: MessageTooLarge\r\n", "{\"Message\":\"ErrorCode:MessageTooLarge;");
        } finally {
            registry.stop();
        }
    }

    @Test
    void connectionBeyondTheBoundIsClosedAndOnesThatAskNothingMakeRoom() throws Exception {
        var sockets = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 220; i++) {
                var socket = Trust.theAuthority()
                        .getSocketFactory()
                        .createSocket("localhost", Integer.parseInt(config("freehub.gateway.https.port")));
                sockets.add(socket);
                ((SSLSocket) socket).startHandshake();
            }
            // Each ends, the last at once and the first when its time for a request is over.
            for (var socket : sockets.reversed()) {
                socket.setSoTimeout(20_000);
                assertThat(isClosed(socket)).isTrue();
            }
            assertThat(raw("GET /internal HTTP/1.1")).startsWith("HTTP/1.1 404 ");
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void clientThatWaitsToBeToldSoGoesOn() throws Exception {
        var registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        try (var socket = Trust.theAuthority()
                .getSocketFactory()
                .createSocket("localhost", Integer.parseInt(config("freehub.gateway.https.port")))) {
            registry.add("boiler");
            var out = socket.getOutputStream();
            out.write(("PUT /devices/boiler HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                            + "Connection: close\r\nContent-Length: 2\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(25), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            out.write("{}".getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200 ");
        } finally {
            registry.stop();
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
