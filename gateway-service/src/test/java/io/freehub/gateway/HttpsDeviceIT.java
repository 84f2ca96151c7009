package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.DeviceStatus;
import io.freehub.model.IdentityId;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.SystemProperty;
import io.freehub.model.TelemetryHeaders;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class HttpsDeviceIT {

    private static final String BATCH = "application/vnd.microsoft.iothub.json";

    private static FakeRegistry registry;
    private static TopicReader telemetry;
    private static HttpClient client;

    private final String device = "https-" + UUID.randomUUID();
    private SymmetricKeys keys;

    @BeforeAll
    static void start() throws Exception {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        telemetry = TopicReader.fromNow(Topic.TELEMETRY.name());
        client = HttpClient.newBuilder()
                .sslContext(Trust.theAuthority())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        telemetry.close();
        registry.stop();
    }

    @BeforeEach
    void register() {
        keys = registry.add(device);
    }

    @Test
    void messageIsInKafkaWhenItIsAccepted() throws Exception {
        var answer = post(
                events(device),
                new byte[] {0, 1, 2, (byte) 0xff},
                "Content-Type",
                "binary/octet-stream",
                "IoTHub-MessageId",
                "m1",
                "iothub-contenttype",
                "application/json",
                "iothub-to",
                "/devices/x",
                "iothub-to",
                "/devices/y",
                "iothub-app-Alert",
                "true");

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        var stored = stored(device);
        assertThat(stored).hasSize(1);
        assertThat(stored.getFirst().value()).containsExactly(0, 1, 2, 0xff);
        assertThat(properties(stored.getFirst()))
                .isEqualTo(new MessageProperties(
                        Map.of(
                                SystemProperty.MESSAGE_ID, "m1",
                                SystemProperty.CONTENT_TYPE, "application/json",
                                SystemProperty.TO, "/devices/x",
                                SystemProperty.CONNECTION_AUTH_METHOD,
                                        "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}",
                                SystemProperty.CONNECTION_AUTH_GENERATION_ID, "g-" + device),
                        List.of(new Application("Alert", Optional.of("true")))));
    }

    @Test
    void batchIsStoredInItsOrder() throws Exception {
        var json = new StringBuilder("[");
        for (int i = 0; i < 300; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("{\"body\": \"")
                    .append(Base64.getEncoder().encodeToString(("n" + i).getBytes(StandardCharsets.UTF_8)))
                    .append("\",\"properties\":{\"iothub-app-n\":\"" + i + "\"}}");
        }
        var answer = post(events(device), (json + "]").getBytes(StandardCharsets.UTF_8), "Content-Type", BATCH);

        assertThat(answer.statusCode()).isEqualTo(204);
        var stored = stored(device);
        assertThat(stored).hasSize(300);
        for (int i = 0; i < 300; i++) {
            assertThat(TopicReader.text(stored.get(i))).isEqualTo("n" + i);
            assertThat(properties(stored.get(i)).application())
                    .containsExactly(new Application("n", Optional.of("" + i)));
        }
    }

    @Test
    void emptyBatchIsAcceptedAndStoresNothing() throws Exception {
        assertThat(post(events(device), "[]".getBytes(), "Content-Type", BATCH + "; charset=utf-8")
                        .statusCode())
                .isEqualTo(204);
        assertThat(stored(device)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"body\":\"aGVsbG8=\"}|ArgumentInvalid|must be a JSON array",
                "[{\"body\":\"aGVsbG8=\"},|IotHubFormatError|not valid JSON",
                "[{\"body\":\"aGVsbG8=\"},{\"body\":\"!\"}]|ArgumentInvalid|message 1 of the batch"
            })
    void nothingOfABatchWithAFaultIsStored(String json, String error, String text) throws Exception {
        var answer = post(events(device), json.getBytes(StandardCharsets.UTF_8), "Content-Type", BATCH);

        refused(answer, 400, error);
        assertThat(answer.body()).contains(text);
        assertThat(stored(device)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/devices/%s/messages/events",
                "/devices/%s/messages/events/?api-version=2016-11-14",
                "/DEVICES/%s/Messages/Events?api-version=whatever"
            })
    void pathIsReadHoweverItIsSpelt(String path) throws Exception {
        assertThat(post(path.formatted(device), new byte[0]).statusCode()).isEqualTo(204);
        assertThat(stored(device)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+b%2525", "a%2bb%25%32%35", "a+b%25"})
    void idsAreDecodedOnceAndAPlusIsAPlus(String encoded) throws Exception {
        var id = encoded.equals("a+b%25") ? "a+b%" : "a+b%25";
        var keys = registry.add(id);
        changed(new RegistryEvent.Updated(IdentityId.parse(id), "g", 1, DeviceStatus.ENABLED, Instant.now()));
        // As the C SDK: ids in lower-case hex, and an empty name of a policy.
        var token = SasToken.create(HOST + "/devices/" + id, keys.primary(), inAMinute(), Optional.empty()) + "&skn=";
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> raw("POST /devices/" + encoded
                        + "/messages/events HTTP/1.1\r\nHost: x\r\n" + "authorization: " + token
                        + "\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
                .startsWith("HTTP/1.1 204 "));
    }

    @Test
    void rawIdOfTheCSdkIsTakenAsItIs() throws Exception {
        var keys = registry.add("c%d");
        var token = token("c%d", keys.primary(), inAMinute());
        assertThat(raw("POST /devices/c%d/messages/events HTTP/1.1\r\nHost: x\r\nAuthorization: " + token
                        + "\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"))
                .startsWith("HTTP/1.1 204 ");
    }

    @Test
    void successHasNoBody() throws Exception {
        var answer = raw("POST " + events(device) + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + token()
                + "\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 204 No Content\r\n").endsWith("\r\n\r\n");
        assertThat(answer.toLowerCase()).doesNotContain("transfer-encoding");
        assertThat(TopicReader.text(stored(device).getFirst())).isEqualTo("abcde");
    }

    @Test
    void clientThatWaitsToBeToldSoGoesOn() throws Exception {
        try (var socket = socket()) {
            write(
                    socket,
                    "POST " + events(device) + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + token()
                            + "\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
            assertThat(new String(socket.getInputStream().readNBytes(25), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            write(socket, "hello");
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 204 ");
        }
    }

    @Test
    void clientThatWaitsIsNotToldToGoOnWhenItIsRefused() throws Exception {
        assertThat(raw("POST " + events(device)
                        + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"))
                .startsWith("HTTP/1.1 401 ");
    }

    @Test
    void greatestBodyIsTakenAndAGreaterOneRefused() throws Exception {
        assertThat(post(events(device), new byte[256 * 1024]).statusCode()).isEqualTo(204);
        refused(post(events(device), new byte[256 * 1024 + 1]), 413, "MessageTooLarge");
        refused(post(events(device), new byte[256 * 1024 - 1], "iothub-app-a", "b"), 413, "MessageTooLarge");
        refused(post(events(device), new byte[256 * 1024 + 1], "Content-Type", BATCH), 413, "MessageTooLarge");
        assertThat(stored(device)).hasSize(1);
    }

    @Test
    void bodyWithoutALengthIsCutOffAtTheLimit() throws Exception {
        try (var socket = socket()) {
            write(
                    socket,
                    "POST " + events(device) + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + token()
                            + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 5; i++) {
                write(socket, "10000\r\n" + "x".repeat(0x10000) + "\r\n");
            }
            // The end never comes.
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("iothub-errorcode: MessageTooLarge\r\n", "{\"Message\":\"ErrorCode:MessageTooLarge;");
        }
        assertThat(stored(device)).isEmpty();
    }

    @Test
    void wrongCredentialsAreRefused() throws Exception {
        registry.add(device + "-other");
        var burner = registry.add(device + "/burner");
        var missing = post(events(device), new byte[0], "Authorization", " ");
        refused(missing, 401, "IotHubUnauthorizedAccess");
        assertThat(missing.body())
                .startsWith("{\"Message\":\"ErrorCode:IotHubUnauthorizedAccess;Authorization header missing\"");
        unauthorized(device, token(device, SymmetricKey.generate(), inAMinute()));
        unauthorized(device, token(device, keys.primary(), Instant.now().minusSeconds(360)));
        unauthorized(device + "-other", token());
        unauthorized("unknown", token("unknown", keys.primary(), inAMinute()));
        unauthorized("unknown", policyToken(SymmetricKey.generate()));
        unauthorized(device, policyToken(SymmetricKey.generate()));
        unauthorized(device, token(device + "/modules/burner", burner.primary(), inAMinute()));
        unauthorized(device + "/modules/burner", token());
        unauthorized(device, "Bearer x");
        assertThat(stored(device)).isEmpty();
    }

    private void unauthorized(String id, String token) throws Exception {
        var answer = post(events(id), new byte[1], "Authorization", token);
        refused(answer, 401, "IotHubUnauthorized" + (token.startsWith("Bearer") ? "" : "Access"));
    }

    @Test
    void tokenThatExpiredAMomentAgoIsTaken() throws Exception {
        assertThat(post(
                                events(device),
                                new byte[0],
                                "Authorization",
                                token(device, keys.secondary(), Instant.now().minusSeconds(240)))
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    void policyOpensEveryDeviceAndIsToldOfOneThatIsMissing() throws Exception {
        var token = policyToken(new SymmetricKey(config(GatewayResource.POLICY_KEY)));
        assertThat(post(events(device), new byte[0], "Authorization", token).statusCode())
                .isEqualTo(204);
        refused(post(events("unknown"), new byte[0], "Authorization", token), 404, "DeviceNotFound");
        refused(post(events(device + "/modules/unknown"), new byte[0], "Authorization", token), 404, "ModuleNotFound");
    }

    @Test
    void moduleSendsItsOwnMessages() throws Exception {
        var burner = registry.add(device + "/burner");
        var answer = post(
                events(device + "/modules/burner"),
                "hot".getBytes(StandardCharsets.UTF_8),
                "Authorization",
                token(device + "/modules/burner", burner.primary(), inAMinute()));

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(properties(stored(device).getFirst()).system())
                .contains(Map.entry(SystemProperty.CONNECTION_MODULE_ID, "burner"));
    }

    @Test
    void registryIsAskedOnceForManyRequests() throws Exception {
        int before = registry.requests();
        for (int i = 0; i < 50; i++) {
            assertThat(post(events(device), new byte[] {1}).statusCode()).isEqualTo(204);
        }
        assertThat(registry.requests() - before).isEqualTo(1);
    }

    @Test
    void deviceThatIsDisabledIsRefusedWithinASecond() throws Exception {
        assertThat(post(events(device), new byte[0]).statusCode()).isEqualTo(204);
        registry.disable(device);
        assertThat(post(events(device), new byte[0]).statusCode()).isEqualTo(204);

        changed(new RegistryEvent.Updated(IdentityId.parse(device), "g", 2, DeviceStatus.DISABLED, Instant.now()));

        var answer = Awaitility.await()
                .atMost(Duration.ofSeconds(1))
                .pollInterval(Duration.ofMillis(20))
                .until(call(() -> post(events(device), new byte[0])), refused -> refused.statusCode() != 204);
        refused(answer, 401, "IotHubUnauthorizedAccess");
        assertThat(answer.body()).contains("the device is disabled");
    }

    @Test
    void whoFailsAgainAndAgainIsAnsweredLater() throws Exception {
        var wrong = SasToken.create(
                GatewayResource.HOST + "/devices/" + device,
                SymmetricKey.generate(),
                Instant.now().plusSeconds(60),
                Optional.empty());
        for (int i = 0; i < 6; i++) {
            refused(post(events(device), new byte[0], "Authorization", wrong), 401, "IotHubUnauthorizedAccess");
        }

        long start = System.nanoTime();
        var guess =
                client.sendAsync(request(events(device), new byte[0], "Authorization", wrong), BodyHandlers.ofString());
        var other = device + "-other";
        var token = SasToken.create(
                GatewayResource.HOST + "/devices/" + other,
                registry.add(other).primary(),
                Instant.now().plusSeconds(60),
                Optional.empty());
        assertThat(post(events(other), new byte[0], "Authorization", token).statusCode())
                .isEqualTo(204);
        assertThat(guess.get().statusCode()).isEqualTo(401);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(GatewayResource.LONGEST_REFUSAL.toNanos());
    }

    @Test
    void registryThatIsSlowIsWaitedForAndAskedOnce() throws Exception {
        registry.hold();
        int before = registry.requests();
        try {
            var answers = IntStream.range(0, 20)
                    .mapToObj(_ -> client.sendAsync(request(events(device), new byte[0]), BodyHandlers.ofString()))
                    .toList();
            Awaitility.await().until(() -> registry.requests() > before);
            registry.release();
            for (var answer : answers) {
                assertThat(answer.get().statusCode()).isEqualTo(204);
            }
            assertThat(registry.requests() - before).isLessThan(20);
        } finally {
            registry.release();
        }
    }

    @Test
    void registryThatIsAwayMeansTryAgain() throws Exception {
        registry.failNext(1000);
        try {
            refused(post(events(device), new byte[0]), 503, "ServiceUnavailable");
        } finally {
            registry.failNext(0);
        }
        assertThat(post(events(device), new byte[0]).statusCode()).isEqualTo(204);
    }

    @Test
    void whatKafkaDoesNotTakeIsNotAccepted() throws Exception {
        largestOnKafka("1000");
        try {
            refused(post(events(device), new byte[5000]), 503, "ServiceUnavailable");
        } finally {
            largestOnKafka(Integer.toString(1 << 20));
        }
        assertThat(post(events(device), new byte[5000]).statusCode()).isEqualTo(204);
        assertThat(stored(device)).hasSize(1);
    }

    private static void largestOnKafka(String bytes) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            var topic = new ConfigResource(ConfigResource.Type.TOPIC, Topic.TELEMETRY.name());
            admin.incrementalAlterConfigs(Map.of(
                            topic,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            Awaitility.await().until(() -> admin.describeConfigs(List.of(topic))
                    .all()
                    .get()
                    .get(topic)
                    .get("max.message.bytes")
                    .value()
                    .equals(bytes));
        }
    }

    @Test
    void clientThatSendsItsBodyTooSlowlyIsRefused() throws Exception {
        try (var socket = socket()) {
            write(
                    socket,
                    "POST " + events(device) + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + token()
                            + "\r\nContent-Length: 5\r\n\r\nab");
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void manyRequestsOnOneConnectionAreAnsweredInTheirOrder() throws Exception {
        try (var socket = socket()) {
            var all = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                all.append("POST " + events(device) + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + token()
                        + (i == 19 ? "\r\nConnection: close" : "") + "\r\nContent-Length: 2\r\n\r\n" + (10 + i));
            }
            write(socket, all.toString());
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .split("HTTP/1.1 204 No Content", -1))
                    .hasSize(21);
        }
        assertThat(stored(device).stream().map(TopicReader::text))
                .containsExactlyElementsOf(
                        IntStream.range(10, 30).mapToObj(Integer::toString).toList());
    }

    @Test
    void otherMethodIsNotAllowed() throws Exception {
        assertThat(raw("GET " + events(device) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .contains("iothub-errorcode: GenericMethodNotAllowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /devices/d/messages/devicebound/1/2", "POST /devices/d/files/"})
    void whatIsNotOfferedIsSaidToBeMissing(String request) throws Exception {
        assertThat(raw(request + "?api-version=2021-04-12 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ")
                .contains(
                        "iothub-errorcode: GenericNotFound\r\n",
                        "\"Message\":\"ErrorCode:GenericNotFound;there is nothing");
    }

    @Test
    void outcomesAreCounted() throws Exception {
        post(events(device), new byte[0]);
        post(events(device), new byte[0], "Authorization", " ");
        var metrics = client.send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + config("quarkus.http.test-port") + "/q/metrics"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        assertThat(metrics)
                .contains("freehub_https_device_requests_total{outcome=\"accepted\"}")
                .contains("freehub_https_device_requests_total{outcome=\"IotHubUnauthorizedAccess\"}")
                .contains("freehub_https_device_working 0.0");
    }

    private static void refused(HttpResponse<String> answer, int status, String error) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("iothub-errorcode")).contains(error);
        assertThat(answer.headers().firstValue("x-ms-request-id")).isPresent();
        assertThat(answer.headers().firstValue("content-type")).contains("application/json; charset=utf-8");
        assertThat(answer.body())
                .startsWith("{\"Message\":\"ErrorCode:" + error + ";")
                .contains("\"ExceptionMessage\":\"Tracking ID:");
    }

    private HttpResponse<String> post(String path, byte[] body, String... headers) throws Exception {
        return client.send(request(path, body, headers), BodyHandlers.ofString());
    }

    private HttpRequest request(String path, byte[] body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create("https://localhost:" + port() + path))
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofByteArray(body));
        if (!List.of(headers).contains("Authorization")) {
            request.header("Authorization", token());
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request.build();
    }

    /** What the gateway answers to these bytes until it closes. */
    private static String raw(String request) throws Exception {
        try (var socket = socket()) {
            write(socket, request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Socket socket() throws Exception {
        var socket = Trust.theAuthority().getSocketFactory().createSocket("localhost", port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static <V> Callable<V> call(Callable<V> callable) {
        return callable;
    }

    private static List<ConsumerRecord<String, byte[]>> stored(String device) {
        return new ArrayList<>(
                telemetry.readToEnd().stream().filter(isFrom(device)).toList());
    }

    private static MessageProperties properties(ConsumerRecord<String, byte[]> record) {
        return TelemetryHeaders.decode(
                record.headers().lastHeader(TelemetryHeaders.PROPERTIES).value());
    }

    private static Predicate<ConsumerRecord<String, byte[]>> isFrom(String device) {
        return record -> record.key().equals(device);
    }

    private static void changed(RegistryEvent event) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                    Topic.REGISTRY.name(), event.identity().device().value(), HubJson.write(event)));
        }
    }

    private String token() {
        return token(device, keys.primary(), inAMinute());
    }

    private static String token(String id, SymmetricKey key, Instant expiry) {
        return SasToken.create(HOST + "/devices/" + id, key, expiry, Optional.empty());
    }

    private static String policyToken(SymmetricKey key) {
        return SasToken.create(HOST, key, inAMinute(), Optional.of("device"));
    }

    private static Instant inAMinute() {
        return Instant.now().plusSeconds(60);
    }

    private static String events(String id) {
        return "/devices/" + id + "/messages/events";
    }

    private static int port() {
        return Integer.parseInt(config("freehub.gateway.https.port"));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
