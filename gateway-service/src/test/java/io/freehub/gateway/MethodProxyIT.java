package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.testing.KafkaResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of back ends that command-service answers, some of them late. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class MethodProxyIT {

    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"status\":1}";

    private ServerSocket service;

    @BeforeEach
    void listen() throws IOException {
        service = new ServerSocket(
                URI.create(config("freehub.gateway.commands.url")).getPort(), 1024, InetAddress.getLoopbackAddress());
        service.setSoTimeout(20_000);
    }

    @AfterEach
    void stop() throws IOException {
        service.close();
    }

    @Test
    void soManyCallsMayWaitForTheirAnswersAndNoMore() throws Exception {
        int many = GatewayResource.MAX_CALLS;
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(Trust.theAuthority())
                .build()) {
            var answers = IntStream.range(0, many)
                    .mapToObj(_ -> client.sendAsync(call(), BodyHandlers.ofString()))
                    .toList();
            var calls = new ArrayList<Socket>();
            for (int i = 0; i < many; i++) {
                var call = service.accept();
                calls.add(call);
                assertThat(head(call)).startsWith("POST /twins/boiler/methods?api-version=2021-04-12 HTTP/1.1");
            }
            var refused = client.send(call(), BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("iothub-errorcode")).contains("ServiceUnavailable");

            for (var call : calls) {
                call.getOutputStream().write(ANSWER.getBytes(StandardCharsets.US_ASCII));
            }
            for (var answer : answers) {
                assertThat(answer.get().body()).isEqualTo("{\"status\":1}");
            }
            for (var call : calls) {
                call.close();
            }
        }
    }

    @Test
    void callEndsWithItsCaller() throws Exception {
        var caller = Trust.theAuthority()
                .getSocketFactory()
                .createSocket("localhost", Integer.parseInt(config("freehub.gateway.https.port")));
        caller.getOutputStream()
                .write("POST /twins/boiler/modules/m/methods HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
                        .getBytes(StandardCharsets.US_ASCII));
        try (var call = service.accept()) {
            assertThat(head(call)).startsWith("POST /twins/boiler/modules/m/methods HTTP/1.1");
            caller.close();

            assertThat(isClosed(call)).isTrue();
        }
    }

    private static HttpRequest call() {
        return HttpRequest.newBuilder(uri("/twins/boiler/methods?api-version=2021-04-12"))
                .POST(BodyPublishers.ofString("{}"))
                .build();
    }

    /** The request up to the end of its body, which is two bytes. */
    private static String head(Socket call) throws IOException {
        call.setSoTimeout(20_000);
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n{}")) {
            int next = call.getInputStream().read();
            assertThat(next).as(head.toString()).isNotNegative();
            head.append((char) next);
        }
        return head.toString();
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static URI uri(String path) {
        return URI.create("https://localhost:" + config("freehub.gateway.https.port") + path);
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
