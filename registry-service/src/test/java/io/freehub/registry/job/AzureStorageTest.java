package io.freehub.registry.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freehub.registry.job.JobStorage.Blob;
import io.freehub.registry.job.StorageException.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server that the caller named cannot make the hub do. That a real one is spoken to is {@link ImportExportJobIT}'s. */
class AzureStorageTest {

    private static final Blob BLOB = new Blob("b", 10, "\"1\"");

    @FunctionalInterface
    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private volatile Answer answer;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            try (exchange) {
                answer.to(exchange);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void givenRedirect_whenRead_thenNotFollowed() {
        answer = exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(302, -1);
        };

        assertFailed(Reason.REFUSED, "the storage answered 302");
        assertThat(asked).containsExactly("GET /c/b?sig=SECRET");
    }

    @Test
    void givenErrorWithSecretsInIt_whenRead_thenOnlyItsStatusAndCodeArePassedOn() {
        answer = exchange -> {
            exchange.getResponseHeaders().set("x-ms-error-code", "AuthenticationFailed");
            respond(exchange, 403, "internal SECRET");
        };
        assertFailed(Reason.REFUSED, "the storage answered 403 AuthenticationFailed");

        answer = exchange -> {
            exchange.getResponseHeaders().set("x-ms-error-code", "internal SECRET");
            respond(exchange, 400, "");
        };
        assertFailed(Reason.REFUSED, "the storage answered 400");
    }

    @Test
    void givenAnswerLongerThanAskedFor_whenRead_thenNotTaken() {
        answer = exchange -> respond(exchange, 206, "x".repeat(100_000));

        assertFailed(Reason.UNAVAILABLE, "the storage cannot be reached (IOException)");
    }

    @Test
    void givenChangedBlob_whenRead_thenSaysSo() {
        answer = exchange -> respond(exchange, 412, "");

        assertFailed(Reason.CHANGED, "the storage answered 412");
    }

    @Test
    void givenStorageThatIsBusyOnce_whenRead_thenAskedAgain() throws Exception {
        answer = exchange -> respond(exchange, asked.size() == 1 ? 503 : 206, "0123");

        assertThat(container().read(BLOB, 0, 4)).asString(UTF_8).isEqualTo("0123");
        assertThat(asked).hasSize(2);
    }

    private void assertFailed(Reason reason, String message) {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> container().read(BLOB, 0, 4))
                .withMessage(message)
                .extracting(StorageException::reason)
                .isEqualTo(reason);
    }

    private JobStorage container() {
        var uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/c?sig=SECRET";
        return new AzureStorage().open((Container.Remote) Container.parse(uri));
    }

    private static void respond(HttpExchange exchange, int status, String body) throws IOException {
        exchange.sendResponseHeaders(status, body.isEmpty() ? -1 : body.length());
        exchange.getResponseBody().write(body.getBytes(UTF_8));
    }
}
