package io.freehub.command.method;

import static io.freehub.command.method.MethodDevices.answered;
import static io.freehub.command.method.MethodDevices.undelivered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.command.BackEnd;
import io.freehub.command.CommandConfig;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.FakeRegistry;
import io.freehub.command.receiver.Receivers;
import io.freehub.command.registry.Registry;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.MethodCall;
import io.freehub.model.MethodReply;
import io.freehub.service.kafka.HubKafka;
import io.freehub.testing.RestCaller.Answer;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of direct methods as back ends make them, with devices on gateways behind a real Kafka. */
@CommandServiceTest
class MethodCallIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    Calls calls;

    @Inject
    HubKafka kafka;

    @Inject
    Receivers receivers;

    @Inject
    Registry registry;

    @Inject
    CallMetrics metrics;

    @Inject
    Vertx vertx;

    private final FakeRegistry identities = FakeRegistry.shared();
    private final MethodDevices devices = new MethodDevices();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private BackEnd service;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
        identities.add(device);
    }

    @AfterEach
    void close() throws InterruptedException {
        devices.close();
        callers.shutdownNow();
    }

    @Test
    void payloadsGoBothWaysAsTheyWereSent() throws InterruptedException {
        var sent = "{ \"b\":1.0,\"a\":1e5, \"b\": [\"\\u0000é\", 12345678901234567890.10] }";
        var answer = " {\"z\":1.50,\"a\":-0,\"n\":null, \"t\":\"\\/ü\"}";
        var session = devices.attach(device, call -> answered(call, -7, answer));

        var got = call("{\"methodName\":\"pump*start\",\"more\":{\"payload\":2},\"payload\":" + sent
                + " ,\"responseTimeoutInSeconds\":20}");

        assertThat(got.status()).as(got.body()).isEqualTo(200);
        assertThat(got.header("Content-Type")).isEqualToIgnoringCase("application/json; charset=utf-8");
        assertThat(got.body()).isEqualTo("{\"status\":-7,\"payload\":" + answer + "}");
        var called = session.awaitCall();
        assertThat(called.method()).isEqualTo("pump*start");
        assertThat(called.payload()).isEqualTo(sent);
        assertThat(called.replyTo()).isZero();
        assertThat(called.call()).matches("[0-9a-zA-Z]+");
        assertThat(called.until()).isBetween(Instant.now(), Instant.now().plusSeconds(20));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"methodName\":\"m\"} | ``",
                "{\"methodName\":\"m\",\"payload\":null} | null",
                "{\"METHODNAME\":\"m\",\"Payload\":\"\"} | \"\"",
                "{\"payload\":7.10,\"methodName\":\"m\"} | 7.10",
                "{\"payload\":true,\"methodName\":\"m\",\"connectTimeoutInSeconds\":null} | true",
                "{\"payload\":[] , \"methodName\":\"m\",\"responseTimeoutInSeconds\":30.0} | []"
            })
    void payloadMayBeAnyJson(String body, String payload) throws InterruptedException {
        var session = devices.attach(device, call -> answered(call, 200, call.payload()));

        var got = call(body);

        assertThat(session.awaitCall().payload()).isEqualTo(payload);
        assertThat(got.body()).isEqualTo("{\"status\":200,\"payload\":" + (payload.isEmpty() ? "null" : payload) + "}");
    }

    @Test
    void moduleIsCalledBesideItsDevice() throws InterruptedException {
        var module = IdentityId.parse(device + "/m");
        devices.attach(device, call -> answered(call, 1, "1"));
        devices.attach(module, call -> answered(call, 2, "2"));

        var got = service.post("/twins/" + device + "/modules/m/methods", "{\"methodName\":\"m\"}");

        assertThat(got.body()).isEqualTo("{\"status\":2,\"payload\":2}");
    }

    @Test
    void largestPayloadPassesAndOneMoreByteDoesNot() throws InterruptedException {
        var largest = "\"" + "ü".repeat(MethodReply.MAX_PAYLOAD / 2 - 1) + "\"";
        devices.attach(device, call -> answered(call, 200, call.payload()));

        assertThat(call("{\"methodName\":\"m\",\"payload\":" + largest + "}").body())
                .isEqualTo("{\"status\":200,\"payload\":" + largest + "}");
        var got = call("{\"methodName\":\"m\",\"payload\":" + largest.replaceFirst("\"", "\"x") + "}");
        assertThat(got.status()).isEqualTo(413);
        assertThat(message(got)).isEqualTo("payload is larger than 131072 bytes");
    }

    @Test
    void answerThatIsTooLargeIsTold() throws InterruptedException {
        devices.attach(device, call -> answered(call, 200, "\"" + "x".repeat(MethodReply.MAX_PAYLOAD) + "\""));

        assertThat(call("{\"methodName\":\"m\"}").status()).isEqualTo(413);
    }

    @Test
    void answerThatTheGatewayDoesNotPassOnIsTooLargeToo() throws Exception {
        devices.attach(device, call -> undelivered(call, HubError.MESSAGE_TOO_LARGE));

        assertThat(call("{\"methodName\":\"m\"}").header("iothub-errorcode")).isEqualTo("MessageTooLarge");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "1 2", "nul", "{\"a\":1", "{'a':1}", "[1,]"})
    void answerThatIsNoJsonIsTold(String answer) throws InterruptedException {
        devices.attach(device, call -> answered(call, 200, answer));

        var got = call("{\"methodName\":\"m\"}");

        assertThat(got.status()).isEqualTo(400);
        assertThat(message(got))
                .isEqualTo("the device has answered with status 200 and a payload that is not valid JSON");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | 400004 | methodName is missing",
                "{\"methodName\":7} | 400004 | methodName must be a string",
                "{\"methodName\":\"\"} | 400004 | methodName must have 1 to 128 printable ASCII characters",
                "{\"methodName\":\"a b\"} | 400004 | methodName must have 1 to 128 printable ASCII characters",
                "{\"methodName\":\"a/b\"} | 400004 | methodName must have 1 to 128 printable ASCII characters",
                "{\"methodName\":\"a#\"} | 400004 | methodName must have 1 to 128 printable ASCII characters",
                "{\"methodName\":\"ä\"} | 400004 | methodName must have 1 to 128 printable ASCII characters",
                "{\"methodName\":\"m\",\"responseTimeoutInSeconds\":4} | 400004 | responseTimeoutInSeconds must be 5 to 300",
                "{\"methodName\":\"m\",\"responseTimeoutInSeconds\":301} | 400004 | responseTimeoutInSeconds must be 5 to 300",
                "{\"methodName\":\"m\",\"responseTimeoutInSeconds\":9.5} | 400004 | responseTimeoutInSeconds must be a whole",
                "{\"methodName\":\"m\",\"connectTimeoutInSeconds\":-1} | 400004 | connectTimeoutInSeconds must be 0 to",
                "{\"methodName\":\"m\",\"connectTimeoutInSeconds\":[]} | 400004 | connectTimeoutInSeconds must be a whole",
                "{\"methodName\":\"m\",\"connectTimeoutInSeconds\":31} | 400004 | Device connection timeout of 31 s cannot be"
                        + " longer than an overall call timeout",
                "[] | 400004 | the body must be a JSON object",
                "{\"methodName\":\"m\" | 400006 | the body is not valid JSON",
                "{\"methodName\":\"m\"}} | 400006 | the body is not valid JSON",
                "{\"methodName\":\"m\"} {} | 400006 | the body goes on after its JSON",
            })
    void requestThatIsWrongIsRefusedByWhatIsWrongWithIt(String body, int code, String problem) {
        var got = call(body);

        assertThat(got.status()).as(got.body()).isEqualTo(400);
        assertThat(got.text("/Message")).contains("\"errorCode\":" + code);
        assertThat(message(got)).startsWith(problem);
        assertThat(got.text("/ExceptionMessage")).isEmpty();
    }

    @Test
    void nameMayBeAsLongAsItMayBe() throws InterruptedException {
        devices.attach(device, call -> answered(call, 200, ""));

        assertThat(call("{\"methodName\":\"" + "m".repeat(128) + "\"}").status())
                .isEqualTo(200);
        assertThat(call("{\"methodName\":\"" + "m".repeat(129) + "\"}").status())
                .isEqualTo(400);
    }

    @Test
    void onlyServicesMayCall() {
        var got = BackEnd.of(port, "registryReadWrite").post(path(), "{\"methodName\":\"m\"}");

        assertThat(got.status()).isEqualTo(401);
    }

    @Test
    void deviceThatIsNotOnlineIsToldAtOnce() {
        var got = call("{\"methodName\":\"m\"}");

        assertThat(got.status()).isEqualTo(404);
        assertThat(got.header("iothub-errorcode")).isEqualTo("DeviceNotOnline");
        assertThat(got.text("/Message")).contains("\"errorCode\":404103");
        assertThat(message(got)).isEqualTo("Timed out waiting for device to connect.");
    }

    @Test
    void deviceOrModuleThatDoesNotExistIsTold() {
        var waiting = "{\"methodName\":\"m\",\"connectTimeoutInSeconds\":30}";

        assertThat(service.post("/twins/" + BackEnd.newId() + "/methods", waiting)
                        .header("iothub-errorcode"))
                .isEqualTo("DeviceNotFound");
        assertThat(service.post("/twins/" + device + "/modules/none/methods", waiting)
                        .header("iothub-errorcode"))
                .isEqualTo("ModuleNotFound");
    }

    @Test
    void whoeverIsNotOnlineCannotBeAskedForWhileTheRegistryIsAway() throws InterruptedException {
        identities.beAway(true);
        try {
            assertThat(call("{\"methodName\":\"m\"}").status()).isEqualTo(503);
            devices.attach(device, call -> answered(call, 200, ""));
            assertThat(call("{\"methodName\":\"m\"}").status()).isEqualTo(200);
        } finally {
            identities.beAway(false);
        }
    }

    @Test
    void deviceIsWaitedForAndCalledOnceItComes() throws Exception {
        var waiting = callers.submit(() -> call("{\"methodName\":\"m\",\"connectTimeoutInSeconds\":25}"));
        await().until(() -> calls.count() == 1);

        devices.attach(device, call -> answered(call, 200, "\"here\""));

        assertThat(waiting.get(5, TimeUnit.SECONDS).body()).isEqualTo("{\"status\":200,\"payload\":\"here\"}");
    }

    @Test
    void deviceThatDoesNotComeIsWaitedForAsLongAsAskedFor() {
        long begun = System.nanoTime();

        var got = call("{\"methodName\":\"m\",\"connectTimeoutInSeconds\":1}");

        assertThat(got.header("iothub-errorcode")).isEqualTo("DeviceNotOnline");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(4));
    }

    @Test
    void deviceThatDoesNotAnswerIsToldWhenItsTimeIsOver() throws InterruptedException {
        devices.attach(device, MethodDevices::nothing);
        long begun = System.nanoTime();

        var got = call("{\"methodName\":\"m\",\"responseTimeoutInSeconds\":5}");

        assertThat(got.status()).isEqualTo(504);
        assertThat(got.text("/Message")).contains("\"errorCode\":504101");
        assertThat(message(got)).isEqualTo("Timed out waiting for the response from device.");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(8));
    }

    @Test
    void callThatFindsTheSessionGoneWaitsForTheNextOne() throws Exception {
        var gone = devices.attach(device, call -> undelivered(call, HubError.DEVICE_NOT_ONLINE));
        assertThat(call("{\"methodName\":\"m\"}").header("iothub-errorcode")).isEqualTo("DeviceNotOnline");
        gone.awaitCall();
        var waiting = callers.submit(() -> call("{\"methodName\":\"m\",\"connectTimeoutInSeconds\":25}"));
        gone.awaitCall();

        devices.attach(device, "002", 10, call -> answered(call, 200, "2"));

        assertThat(waiting.get(5, TimeUnit.SECONDS).body()).isEqualTo("{\"status\":200,\"payload\":2}");
    }

    @Test
    void deviceHasNoMoreCallsUnansweredThanItsWindow() throws Exception {
        var session = devices.attach(device, "001", 2, MethodDevices::nothing);
        var first = callers.submit(() -> call("{\"methodName\":\"m\"}"));
        var second = callers.submit(() -> call("{\"methodName\":\"m\"}"));
        var one = session.awaitCall();
        var other = session.awaitCall();

        var third = call("{\"methodName\":\"m\"}");
        devices.reply(one, answered(one, 200, "1"));
        devices.reply(one, answered(one, 200, "1"));
        devices.reply(other, undelivered(other, HubError.TOO_MANY_METHOD_CALLS));

        assertThat(third.status()).isEqualTo(403);
        assertThat(third.text("/Message")).contains("\"errorCode\":403800");
        assertThat(List.of(
                        first.get(5, TimeUnit.SECONDS).status(),
                        second.get(5, TimeUnit.SECONDS).status()))
                .containsExactlyInAnyOrder(200, 403);
    }

    @Test
    void callOfWhoHangsUpIsDropped() throws Exception {
        var session = devices.attach(device, "001", 1, MethodDevices::nothing);
        var http = HttpClient.newHttpClient();
        var request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + path() + "?api-version=2021-04-12"))
                .header("Authorization", BackEnd.authorization("service"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"methodName\":\"m\"}"))
                .build();
        var hanging = http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        session.awaitCall();
        hanging.cancel(true);
        http.shutdownNow();

        await().until(() -> calls.count() == 0);
        var next = callers.submit(() -> call("{\"methodName\":\"m\"}"));
        var called = session.awaitCall();
        devices.reply(called, answered(called, 200, ""));
        assertThat(next.get(5, TimeUnit.SECONDS).status()).isEqualTo(200);
    }

    @Test
    void manyCallsAtOnceEachHaveTheirOwnAnswer() throws Exception {
        int many = 100;
        var all = IntStream.range(0, many)
                .mapToObj(i -> IdentityId.parse(device + "-" + i))
                .toList();
        all.forEach(identities::add);
        for (var one : all.subList(0, many / 2)) {
            devices.attach(one, call -> answered(call, 200, "[\"" + one + "\"," + call.payload() + "]"));
        }
        var answers = new ArrayList<CompletableFuture<Answer>>();
        for (int n = 0; n < 10; n++) {
            for (var one : all) {
                var body = "{\"methodName\":\"m\",\"connectTimeoutInSeconds\":30,\"payload\":" + n + "}";
                answers.add(
                        CompletableFuture.supplyAsync(() -> service.post("/twins/" + one + "/methods", body), callers));
            }
        }
        for (var one : all.subList(many / 2, many)) {
            devices.attach(one, call -> answered(call, 200, "[\"" + one + "\"," + call.payload() + "]"));
        }
        for (int i = 0; i < answers.size(); i++) {
            var one = all.get(i % many);
            var got = answers.get(i).get(30, TimeUnit.SECONDS);
            assertThat(got.body()).isEqualTo("{\"status\":200,\"payload\":[\"" + one + "\"," + i / many + "]}");
        }
        assertThat(calls.count()).isZero();
    }

    @Test
    void replicasHearTheirOwnAnswersAndOneThatStopsTellsItsCallers() throws Exception {
        var session = devices.attach(device, call -> call.method().equals("m") ? answered(call, 200, "1") : call);
        var other = replica(1, Map.of());
        try {
            assertThat(other.call(device, method("m")).await().atMost(Duration.ofSeconds(10)))
                    .isEqualTo(new MethodAnswer(200, "1"));
            assertThat(session.awaitCall().replyTo()).isEqualTo(1);
            assertThat(call("{\"methodName\":\"m\"}").status()).isEqualTo(200);
            assertThat(session.awaitCall().replyTo()).isZero();

            var unanswered = other.call(device, method("silent")).subscribeAsCompletionStage();
            identities.add(IdentityId.parse(device + "/m"));
            var waiting = other.call(
                            IdentityId.parse(device + "/m"),
                            new MethodCall("m", "", Duration.ofSeconds(300), Duration.ofSeconds(300)))
                    .subscribeAsCompletionStage();
            session.awaitCall();
            other.giveUp();

            assertThat(error(unanswered)).isEqualTo(HubError.SERVICE_UNAVAILABLE);
            assertThat(error(waiting)).isEqualTo(HubError.SERVICE_UNAVAILABLE);
            assertThat(error(other.call(device, method("m")).subscribeAsCompletionStage()))
                    .isEqualTo(HubError.SERVICE_UNAVAILABLE);
            assertThat(other.count()).isZero();
            assertThat(call("{\"methodName\":\"m\"}").status()).isEqualTo(200);
        } finally {
            other.stop();
        }
    }

    @Test
    void moreCallsThanThereMayBeAreRefused() throws Exception {
        devices.attach(device, MethodDevices::nothing);
        var small = replica(3, Map.of("freehub.command.methods.max-calls", "2"));
        try {
            var first = small.call(device, method("m")).subscribeAsCompletionStage();
            var second = small.call(device, method("m")).subscribeAsCompletionStage();

            assertThat(error(small.call(device, method("m")).subscribeAsCompletionStage()))
                    .isEqualTo(HubError.THROTTLED);
            first.cancel(true);
            await().until(() -> small.count() == 1);
            second.cancel(true);
        } finally {
            small.stop();
        }
    }

    private Calls replica(int ordinal, Map<String, String> more) {
        var builder = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(CommandConfig.class)
                .withDefaultValue("freehub.command.ordinal", Integer.toString(ordinal));
        more.forEach(builder::withDefaultValue);
        var config = builder.build().getConfigMapping(CommandConfig.class);
        var replica = new Calls(kafka, receivers, registry, metrics, config, Clock.systemUTC(), vertx);
        replica.start();
        return replica;
    }

    private static MethodCall method(String name) {
        return MethodCall.of(Optional.of(name), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static HubError error(CompletableFuture<?> failed) throws Exception {
        try {
            throw new AssertionError("answered: " + failed.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return ((HubException) e.getCause()).error();
        }
    }

    private String path() {
        return "/twins/" + device + "/methods";
    }

    private Answer call(String body) {
        return service.post(path(), body);
    }

    private static String message(Answer answer) {
        try {
            return new ObjectMapper()
                    .readTree(answer.text("/Message"))
                    .get("message")
                    .asText();
        } catch (JsonProcessingException e) {
            throw new AssertionError(answer.body(), e);
        }
    }
}
