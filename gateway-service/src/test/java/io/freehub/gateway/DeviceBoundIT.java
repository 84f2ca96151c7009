package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Authentication;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.SystemProperty;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestAuthority;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of back ends that a device asks for over HTTPS, byte for byte. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class DeviceBoundIT {

    private static final String NOTHING = "HTTP/1.1 204 No Content\r\n";

    private static FakeRegistry registry;
    private static FakeQueues queues;

    private final String device = "q-" + UUID.randomUUID();
    private final String lock = UUID.randomUUID().toString();
    private SymmetricKeys keys;

    @BeforeAll
    static void start() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        queues = new FakeQueues(
                URI.create(config("freehub.gateway.commands.url")).getPort());
    }

    @AfterAll
    static void stop() {
        queues.close();
        registry.stop();
    }

    @BeforeEach
    void register() {
        keys = registry.add(device);
    }

    @AfterEach
    void repair() {
        queues.work();
        queues.release();
    }

    @Test
    void emptyQueueIsNoContentAtOnce() throws Exception {
        var answer = receive("devicebound");

        assertThat(answer).startsWith(NOTHING).endsWith("\r\n\r\n");
        assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("transfer-encoding");
    }

    @ParameterizedTest
    @ValueSource(strings = {"devicebound", "deviceBound", "devicebound/"})
    void messageComesWithItsPropertiesAsHeaders(String spelling) throws Exception {
        var sent = Instant.parse("2026-01-02T03:04:05.1234567Z");
        queues.add(
                device,
                new DeviceBoundMessage(
                        lock,
                        12,
                        3,
                        sent,
                        sent.plusSeconds(3600),
                        new MessageProperties(
                                Map.of(
                                        SystemProperty.MESSAGE_ID, "3c2",
                                        SystemProperty.CONTENT_TYPE, "application/json",
                                        SystemProperty.CONTENT_ENCODING, "utf-8",
                                        SystemProperty.ACK, "full"),
                                List.of(
                                        new Application("color", Optional.of("red")),
                                        new Application("empty", Optional.of("")))),
                        "hello".getBytes(StandardCharsets.UTF_8)));

        var answer = receive(spelling);

        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith("\r\n\r\nhello")
                .containsIgnoringCase("\r\ncontent-length: 5\r\n")
                .doesNotContainIgnoringCase("transfer-encoding")
                .contains(
                        "\r\nETag: \"" + lock + "\"\r\n",
                        "\r\niothub-messageid: 3c2\r\n",
                        "\r\niothub-to: /devices/" + device + "/messages/deviceBound\r\n",
                        "\r\niothub-sequencenumber: 12\r\n",
                        "\r\niothub-enqueuedtime: 2026-01-02T03:04:05.1234567Z\r\n",
                        "\r\niothub-deliverycount: 3\r\n",
                        "\r\niothub-ack: full\r\n",
                        "\r\niothub-contenttype: application/json\r\n",
                        "\r\niothub-contentencoding: utf-8\r\n",
                        "\r\nContentType: application/json\r\n",
                        "\r\nContentEncoding: utf-8\r\n",
                        "\r\niothub-app-color: red\r\n")
                .doesNotContain("iothub-app-empty", "iothub-expiry");
        assertThat(answer.lines().filter(line -> line.toLowerCase(Locale.ROOT).startsWith("iothub-")))
                .allMatch(line -> line.startsWith("iothub-"));
        assertThat(SasToken.parse(queues.authorizations().getLast()).policy()).contains(AccessPolicy.INTERNAL);
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "DELETE|?api-version=2021-04-12|If-Match: {L}|completed",
                "DELETE|?api-version=2016-11-14|If-Match: \"{L}\"|completed",
                "DELETE|||completed",
                "DELETE||If-Match: *|completed",
                "DELETE|?api-version=2021-04-12&reject|If-Match: {L}|rejected",
                "DELETE|?reject=true&api-version=x||rejected",
                "DELETE|?api-version=2020-09-30&%3Freject=true|If-Match: {L}|rejected",
                "DELETE|?api-version=2020-09-30&rejected=1&x=reject||completed",
                "POST|/abandon?api-version=2021-04-12|If-Match: {L}|abandoned",
                "POST|/abandon?api-version=2021-04-12|IfMatch: {L}|abandoned",
                "POST|/abandon||abandoned"
            },
            delimiter = '|')
    void messageIsSettledHoweverAnSdkSaysIt(String method, String rest, String header, String disposition)
            throws Exception {
        locked();

        var answer = ask(
                method + " " + path() + "/" + lock + Optional.ofNullable(rest).orElse(""),
                Optional.ofNullable(header)
                        .map(text -> text.replace("{L}", lock) + "\r\n")
                        .orElse(""));

        assertThat(answer).startsWith(NOTHING).endsWith("\r\n\r\n").doesNotContainIgnoringCase("transfer-encoding");
        assertThat(queues.settled()).contains(device + "/" + lock + "/" + disposition);
    }

    @Test
    void bodyOfAnAbandonMeansNothing() throws Exception {
        locked();

        assertThat(ask("POST " + path() + "/" + lock + "/abandon", "Content-Length: 1\r\n", "\0"))
                .startsWith(NOTHING);
        assertThat(receive("devicebound")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void conditionThatContradictsThePathIsRefused() throws Exception {
        locked();

        assertThat(ask("DELETE " + path() + "/" + lock, "If-Match: \"other\"\r\n"))
                .startsWith("HTTP/1.1 412 ")
                .contains("iothub-errorcode: PreconditionFailed\r\n");
        assertThat(queues.settled()).noneMatch(settled -> settled.startsWith(device));
    }

    @Test
    void lockThatIsOverIsSaidToBeSo() throws Exception {
        locked();
        assertThat(ask("DELETE " + path() + "/" + lock, "")).startsWith(NOTHING);

        assertThat(ask("DELETE " + path() + "/" + lock, ""))
                .startsWith("HTTP/1.1 412 ")
                .contains(
                        "iothub-errorcode: DeviceMessageLockLost\r\n",
                        "{\"Message\":\"ErrorCode:DeviceMessageLockLost;",
                        "\"ExceptionMessage\":");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,'',405,GenericMethodNotAllowed",
        "GET,/{L},405,GenericMethodNotAllowed",
        "DELETE,/{L}/abandon,405,GenericMethodNotAllowed",
        "POST,/{L}/complete,404,GenericNotFound"
    })
    void otherRequestsAreRefused(String method, String rest, int status, String error) throws Exception {
        assertThat(ask(method + " " + path() + rest.replace("{L}", lock), ""))
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("iothub-errorcode: " + error + "\r\n");
    }

    @Test
    void deviceThatDoesNotProveItselfIsRefused() throws Exception {
        var other = token("other", keys.primary());
        for (var request : List.of("GET " + path(), "DELETE " + path() + "/" + lock)) {
            assertThat(raw(request, "Authorization: " + other + "\r\n", ""))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("{\"Message\":\"ErrorCode:IotHubUnauthorizedAccess;", "\"ExceptionMessage\":");
            assertThat(raw(request, "", "")).startsWith("HTTP/1.1 401 ").contains("Authorization header missing");
        }
    }

    @Test
    void tokenOfTheCSdkIsTaken() throws Exception {
        var resource = (HOST + "/devices/" + device).replace("/", "%2f");
        var expiry = Long.toString(inAMinute().getEpochSecond());
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(keys.primary().bytes(), "HmacSHA256"));
        var signature = Base64.getEncoder()
                .encodeToString(mac.doFinal((resource + "\n" + expiry).getBytes(StandardCharsets.UTF_8)))
                .replace("+", "%2b")
                .replace("/", "%2f")
                .replace("=", "%3d");

        assertThat(raw(
                        "GET " + path(),
                        "Authorization: SharedAccessSignature sr=" + resource + "&sig=" + signature + "&se=" + expiry
                                + "&skn=\r\n",
                        ""))
                .startsWith(NOTHING);
    }

    @Test
    void deviceWithACertificateSettlesWithABlankHeader() throws Exception {
        var shown = new TestAuthority("nobody").issue(device);
        registry.add(device, new Authentication.SelfSigned(Optional.of(shown.thumbprint("SHA-1")), Optional.empty()));
        var context = Trust.theAuthority(shown.keyManagers());
        queues.add(device, message());
        assertThat(raw(context, "GET " + path(), "", "")).startsWith("HTTP/1.1 200 ");

        assertThat(raw(context, "DELETE " + path() + "/" + lock, "Authorization: \r\n", ""))
                .startsWith(NOTHING);
    }

    @Test
    void modulesHaveNoMessages() throws Exception {
        var module = registry.add(device + "/m");
        queues.add(device, message());
        var path = "/devices/" + device + "/modules/m/messages/devicebound";
        var authorization = "Authorization: " + token(device + "/modules/m", module.primary()) + "\r\n";

        assertThat(raw("GET " + path, authorization, "")).startsWith(NOTHING);
        assertThat(raw("DELETE " + path + "/" + lock, authorization, ""))
                .startsWith("HTTP/1.1 412 ")
                .contains("DeviceMessageLockLost");
        assertThat(raw("GET " + path, "Authorization: " + token(device, keys.primary()) + "\r\n", ""))
                .startsWith("HTTP/1.1 401 ");
        assertThat(raw("GET " + path(), authorization, "")).startsWith("HTTP/1.1 401 ");
    }

    @ParameterizedTest
    @CsvSource({
        "500,503,ServiceUnavailable",
        "401,503,ServiceUnavailable",
        "404,404,DeviceNotFound",
        "429,429,ThrottlingException"
    })
    void failureOfTheServiceIsPassedOn(int failure, int status, String error) throws Exception {
        queues.failWith(failure);

        for (var request : List.of("GET " + path(), "DELETE " + path() + "/" + lock)) {
            assertThat(ask(request, ""))
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains("iothub-errorcode: " + error + "\r\n");
        }
    }

    @Test
    void serviceThatDoesNotAnswerMeansTryAgain() throws Exception {
        queues.hold();

        assertThat(receive("devicebound"))
                .startsWith("HTTP/1.1 503 ")
                .contains("iothub-errorcode: ServiceUnavailable\r\n");
    }

    @Test
    void messageForADeviceThatHungUpIsGivenBack() throws Exception {
        queues.add(device, message());
        queues.hold();
        try (var socket = socket(Trust.theAuthority())) {
            write(socket, "GET " + path(), authorization(), "");
            queues.awaitAsked();
            socket.setSoLinger(true, 0);
        }
        // The gateway has seen the end of it when it serves one that came later on the same loop, and on the other.
        for (int i = 0; i < 8; i++) {
            assertThat(raw("GET /internal", "", "")).startsWith("HTTP/1.1 404 ");
        }
        queues.release();

        Awaitility.await().until(() -> queues.settled().contains(device + "/" + lock + "/abandoned"));
    }

    private void locked() throws Exception {
        queues.add(device, message());
        assertThat(receive("devicebound")).startsWith("HTTP/1.1 200 ");
    }

    private DeviceBoundMessage message() {
        var now = Instant.now();
        return new DeviceBoundMessage(
                lock, 1, 0, now, now.plusSeconds(3600), MessageProperties.NONE, new byte[] {1, 2});
    }

    private String receive(String spelling) throws Exception {
        return ask(
                "GET /devices/" + device + "/messages/" + spelling + "?api-version=2021-04-12",
                "iothub-to: a\r\niothub-to: b\r\n");
    }

    private String ask(String request, String headers) throws Exception {
        return ask(request, headers, "");
    }

    private String ask(String request, String headers, String body) throws Exception {
        return raw(request, authorization() + headers, body);
    }

    private String authorization() {
        return "Authorization: " + token(device, keys.primary()) + "\r\n";
    }

    private static String raw(String request, String headers, String body) throws Exception {
        return raw(Trust.theAuthority(), request, headers, body);
    }

    /** What the gateway answers until it closes. */
    private static String raw(SSLContext context, String request, String headers, String body) throws Exception {
        try (var socket = socket(context)) {
            write(socket, request, headers, body);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static Socket socket(SSLContext context) throws Exception {
        var socket = context.getSocketFactory()
                .createSocket("localhost", Integer.parseInt(config("freehub.gateway.https.port")));
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void write(Socket socket, String request, String headers, String body) throws Exception {
        socket.getOutputStream()
                .write((request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n" + body)
                        .getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private String path() {
        return "/devices/" + device + "/messages/devicebound";
    }

    private static String token(String resource, SymmetricKey key) {
        return SasToken.create(HOST + "/devices/" + resource, key, inAMinute(), Optional.empty());
    }

    private static Instant inAMinute() {
        return Instant.now().plusSeconds(60);
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
