package io.freehub.registry.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients do wrong, and that each answer tells them so in JSON. */
@RegistryTest
class MalformedRequestIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private BackEnd owner;
    private final String path = "/devices/" + BackEnd.newId();

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"deviceId":     | IotHubFormatError | line 1, column
                    {"status":"enabled",,} | IotHubFormatError | line 1, column 21
                    nonsense | IotHubFormatError | line 1, column
                    [] | ArgumentInvalid | the whole must be an object
                    "text" | ArgumentInvalid | the whole must be an object
                    {"capabilities":{"iotEdge":{}}} | ArgumentInvalid | capabilities.iotEdge must be true or false
                    {"authentication":"sas"} | ArgumentInvalid | authentication must be an object
                    {"parentScopes":"x"} | ArgumentInvalid | parentScopes must be an array
                    {"status":{}} | ArgumentInvalid | status must be a text
                    """)
    void givenBrokenJson_whenPut_thenToldWhereAndWhatWasExpected(String body, String code, String detail) {
        var answer = owner.put(path, body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertError(answer, code);
        assertThat(answer.text("/Message")).contains(detail);
    }

    @Test
    void givenSecretInBrokenJson_whenPut_thenNotEchoed() {
        var answer = owner.put(path, "{\"authentication\":{\"symmetricKey\":{\"primaryKey\":{\"SeCrEt\":1}}}}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).doesNotContain("SeCrEt");
    }

    @Test
    void givenNoBody_whenPut_thenArgumentError() {
        var answer = owner.send("PUT", path, null);

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.header("iothub-errorcode")).startsWith("Argument");
    }

    @ParameterizedTest
    @CsvSource({"text/plain", "application/x-www-form-urlencoded", "APPLICATION/JSON", "application/octet-stream"})
    void givenAnotherContentType_whenPut_thenReadAsJson(String type) {
        assertThat(owner.put(path, "{}", "Content-Type", type).status()).isEqualTo(200);
    }

    @Test
    void givenUnknownPath_whenAsked_thenNotFoundInJson() {
        assertError(owner.get("/nothing/here"), "GenericNotFound");
        assertError(owner.get("/"), "GenericNotFound");
    }

    @Test
    void givenWrongMethod_whenAsked_thenNotAllowedInJson() {
        var answer = owner.send("PATCH", path, "{}");

        assertThat(answer.status()).isEqualTo(405);
        assertError(answer, "GenericMethodNotAllowed");
    }

    @Test
    void givenMethodOverride_whenPosted_thenTakenAsPatch() {
        var posted = owner.post("/devices", "[]");
        var patched = owner.post("/devices", "[]", "X-HTTP-Method-Override", "patch");

        assertThat(posted.status()).isEqualTo(400);
        assertThat(patched.status()).isEqualTo(405);
    }

    @Test
    void givenBodyOverTheLimit_whenPut_thenTooLargeInJson() {
        var answer = owner.put(path, "{\"x\":\"" + "x".repeat(1_100_000) + "\"}");

        assertThat(answer.status()).isEqualTo(413);
        assertError(answer, "MessageTooLarge");
    }

    @Test
    void givenChunkedBodyOverTheLimit_whenPut_thenTooLarge() throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            var out = socket.getOutputStream();
            out.write(("PUT " + path + "?api-version=2021-04-12 HTTP/1.1\r\nHost: h\r\nAuthorization: "
                            + BackEnd.token(BackEnd.HOST, "iothubowner")
                            + "\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            var chunk = ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            try {
                for (int i = 0; i < 20; i++) {
                    out.write(chunk);
                }
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // The service may close before it has read all.
            }
            assertThat(firstLine(socket)).startsWith("HTTP/1.1 413");
        }
    }

    private static String firstLine(Socket socket) throws IOException {
        socket.setSoTimeout(10_000);
        var text = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c >= 0 && c != '\r';
                c = socket.getInputStream().read()) {
            text.append((char) c);
        }
        return text.toString();
    }

    private static void assertError(BackEnd.Answer answer, String code) {
        assertThat(answer.header("iothub-errorcode")).as(answer.body()).isEqualTo(code);
        assertThat(answer.header("x-ms-request-id")).isNotEmpty();
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.text("/Message")).startsWith("ErrorCode:" + code + ";");
    }
}
