package io.freehub.command.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.command.BackEnd;
import io.freehub.command.CommandConfig;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.FakeRegistry;
import io.freehub.command.Gateways;
import io.freehub.command.Transactions;
import io.freehub.command.feedback.FeedbackReader;
import io.freehub.model.AccessPolicy;
import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.Disposition;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.MessageToDevice;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.model.SystemProperty;
import io.freehub.service.json.HubJson;
import io.freehub.store.Outbox;
import io.freehub.testing.RestCaller.Answer;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages for devices that ask for them over HTTPS, as gateways ask. */
@CommandServiceTest
class DeliveryIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    Transactions transactions;

    @Inject
    Outbox outbox;

    @Inject
    MessageMetrics metrics;

    @Inject
    CommandConfig config;

    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private BackEnd service;
    private BackEnd gateway;
    private FeedbackReader feedback;
    private long generation;

    @BeforeEach
    void connect() {
        service = BackEnd.of(port, "service");
        gateway = BackEnd.of(port, AccessPolicy.INTERNAL);
        feedback = new FeedbackReader(service, transactions, config);
        generation = FakeRegistry.shared().add(device);
    }

    @Test
    void nothingWaits() {
        assertThat(take().status()).isEqualTo(204);
        assertThat(take().body()).isEmpty();
    }

    @Test
    void theOldestMessageComesOnceWhileItIsLocked() {
        send("1");
        send("2");
        var first = message(take());
        assertThat(first.body()).asString().isEqualTo("1");
        assertThat(first.sequenceNumber()).isEqualTo(1);
        assertThat(first.deliveryCount()).isZero();
        assertThat(first.properties().application()).singleElement().satisfies(property -> assertThat(property.value())
                .contains("red"));
        assertThat(message(take()).body()).asString().isEqualTo("2");
        assertThat(take().status()).isEqualTo(204);
    }

    @Test
    void aGatewaySendsWhatABackEndGaveIt() {
        var system = Map.of(
                SystemProperty.MESSAGE_ID, "m 1",
                SystemProperty.TO, "/devices/" + device + "/messages/devicebound",
                SystemProperty.ACK, "PositiveOnly");
        var application = List.of(new Application("color", Optional.of("red")));
        var sent = forward(device, new MessageProperties(system, application), "open");
        assertThat(sent.status()).as(sent.body()).isEqualTo(204);

        var message = message(take());
        assertThat(message.body()).asString().isEqualTo("open");
        assertThat(message.properties().application()).isEqualTo(application);
        assertThat(message.properties().system())
                .containsEntry(SystemProperty.MESSAGE_ID, "m 1")
                .containsEntry(SystemProperty.ACK, "positive");
        settle(message.lockToken(), "completed");
        assertThat(feedback.await(device, 1)).singleElement().satisfies(record -> assertThat(
                        record.get("originalMessageId").asText())
                .isEqualTo("m 1"));
    }

    @Test
    void aGatewayIsToldWhatIsWrongWithAMessage() {
        assertRefused(forward(IdentityId.parse("nobody"), MessageProperties.NONE, "x"), 404, "DeviceNotFound");
        assertRefused(forward(device, MessageProperties.NONE, "x".repeat(65537)), 413, "MessageTooLarge");
        assertRefused(forward(device, SystemProperty.ACK, "maybe"), 400, "ArgumentInvalid");
        assertRefused(forward(device, SystemProperty.EXPIRY, "2020-01-01T00:00:00Z"), 403, "InvalidMessageExpiryTime");
        assertRefused(gateway.post("/internal/devices/" + device + "/messages", "no JSON"), 400, "IotHubFormatError");
        for (int n = 0; n < 50; n++) {
            send("1");
        }
        assertRefused(forward(device, MessageProperties.NONE, "x"), 403, "DeviceMaximumQueueDepthExceeded");
    }

    private Answer forward(IdentityId to, SystemProperty property, String value) {
        return forward(to, new MessageProperties(Map.of(property, value), List.of()), "x");
    }

    private Answer forward(IdentityId to, MessageProperties properties, String body) {
        var message = new MessageToDevice(properties, body.getBytes(StandardCharsets.UTF_8));
        return gateway.post(
                "/internal/devices/" + to + "/messages", new String(HubJson.write(message), StandardCharsets.UTF_8));
    }

    private static void assertRefused(Answer answer, int status, String error) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("iothub-errorcode")).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource({"completed,Success", "rejected,Rejected"})
    void aMessageEnds(String disposition, String outcome) {
        send("1");
        var lockToken = message(take()).lockToken();

        assertThat(settle(lockToken, disposition).status()).isEqualTo(204);
        assertThat(take().status()).isEqualTo(204);
        assertThat(feedback.await(device, 1)).singleElement().satisfies(record -> assertThat(
                        record.get("statusCode").asText())
                .isEqualTo(outcome));
        assertLost(settle(lockToken, disposition));
    }

    @Test
    void anAbandonedMessageComesAgain() {
        send("1");
        var lockToken = message(take()).lockToken();
        assertThat(settle(lockToken, "abandoned").status()).isEqualTo(204);
        assertLost(settle(lockToken, "abandoned"));
        var again = message(take());
        assertThat(again.deliveryCount()).isEqualTo(1);
        assertThat(again.lockToken()).isNotEqualTo(lockToken);
    }

    @Test
    void anAbandonedMessageGoesToASessionThatCameMeanwhile() {
        send("1");
        var session = new SessionAddress(device, "001-" + device, 2);
        try (var gateways = new Gateways();
                var downlinks = new Downlinks()) {
            var lockToken = message(take()).lockToken();
            gateways.attach(session, generation, 1, Link.MESSAGES, 8);
            send("2");
            assertThat(downlinks.await(session, 1)).extracting(Downlinks::text).containsExactly("2");
            settle(lockToken, "abandoned");
            assertThat(downlinks.await(session, 2)).extracting(Downlinks::text).containsExactly("2", "1");
        }
    }

    @Test
    void aLockEndsAfterAMinute() throws SQLException {
        send("1");
        var lockToken = message(take()).lockToken();
        var replica = expiry(Duration.ofSeconds(59));
        while (replica.run()) {
            // Whatever others have left.
        }
        assertThat(take().status()).isEqualTo(204);

        replica = expiry(Duration.ofSeconds(61));
        while (replica.run()) {
            // Until nothing is due.
        }
        assertLost(settle(lockToken, "completed"));
        var again = message(take());
        assertThat(again.deliveryCount()).isEqualTo(1);
        assertThat(settle(again.lockToken(), "completed").status()).isEqualTo(204);
    }

    /** Without the worker, that is: whoever comes first looks after the queue. */
    @Test
    void aLockThatIsOverHoldsUpNobody() {
        send("1");
        take();
        var time = Duration.ofSeconds(61);
        var replica = new Deliveries(transactions, dispatch(time), metrics, config, ahead(time));
        var again = replica.take(device.device()).await().indefinitely().orElseThrow();
        assertThat(again.deliveryCount()).isEqualTo(1);
    }

    @Test
    void aLockThatIsOverSettlesNothing() {
        send("1");
        var lockToken = message(take()).lockToken();
        var time = Duration.ofSeconds(61);
        var replica = new Deliveries(transactions, dispatch(time), metrics, config, ahead(time));
        assertThatThrownBy(() -> replica.settle(device.device(), lockToken, Disposition.COMPLETED)
                        .await()
                        .indefinitely())
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.LOCK_LOST));
        assertThat(settle(lockToken, "completed").status()).isEqualTo(204);
    }

    @Test
    void aMessageThatIsLockedExpiresWhenItComesBack() throws SQLException {
        service.post(
                "/devices/" + device + "/messages/deviceBound",
                "1",
                "iothub-ack",
                "full",
                "iothub-expiry",
                Instant.now().plusSeconds(30).toString());
        take();
        var replica = expiry(Duration.ofSeconds(45));
        while (replica.run()) {
            // Until nothing is due.
        }
        assertThat(feedback.of(device)).isEmpty();
        replica = expiry(Duration.ofSeconds(61));
        while (replica.run()) {
            // Until nothing is due.
        }
        assertThat(feedback.await(device, 1)).singleElement().satisfies(record -> assertThat(
                        record.get("statusCode").asText())
                .isEqualTo("Expired"));
    }

    @Test
    void aTokenOfASessionOrOfAnotherDeviceSettlesNothing() {
        var session = new SessionAddress(device, "001-" + device, 2);
        try (var gateways = new Gateways();
                var downlinks = new Downlinks()) {
            gateways.attach(session, generation, 1, Link.MESSAGES, 1);
            send("1");
            send("2");
            assertLost(settle(downlinks.await(session, 1).getFirst().message().lockToken(), "completed"));
            var lockToken = message(take()).lockToken();
            assertLost(gateway.post(
                    "/internal/devices/" + BackEnd.newId() + "/deliveries/" + lockToken + "/completed", ""));
            assertLost(settle(UUID.randomUUID().toString(), "completed"));
            assertLost(settle("no-token", "completed"));
            assertThat(settle(lockToken, "eaten").status()).isEqualTo(404);
            assertThat(settle(lockToken, "completed").status()).isEqualTo(204);
        }
    }

    @Test
    void givenManyAtOnce_thenEachMessageIsTakenOnce() throws Exception {
        IntStream.range(0, 20).forEach(n -> send("" + n));
        var tokens = new ArrayList<String>();
        Callable<Answer> taking = this::take;
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var taken : threads.invokeAll(Collections.nCopies(20, taking))) {
                tokens.add(message(taken.get()).lockToken());
            }
        }
        assertThat(tokens).hasSize(20).doesNotHaveDuplicates();
        assertThat(take().status()).isEqualTo(204);
    }

    @Test
    void nobodyElseMayAsk() {
        var stranger = BackEnd.of(port, "registryReadWrite");
        assertThat(stranger.post("/internal/devices/" + device + "/deliveries", "")
                        .status())
                .isEqualTo(401);
        assertThat(stranger.post("/internal/devices/" + device + "/messages", "{}")
                        .status())
                .isEqualTo(401);
        assertThat(stranger.post("/internal/devices/" + device + "/deliveries/x/completed", "")
                        .status())
                .isEqualTo(401);
    }

    private void send(String text) {
        var sent = service.post(
                "/devices/" + device + "/messages/deviceBound", text, "iothub-ack", "full", "iothub-app-color", "red");
        assertThat(sent.status()).as(sent.body()).isEqualTo(204);
    }

    private Answer take() {
        return gateway.send("POST", "/internal/devices/" + device + "/deliveries", null);
    }

    private Answer settle(String lockToken, String disposition) {
        return gateway.post("/internal/devices/" + device + "/deliveries/" + lockToken + "/" + disposition, "");
    }

    private static DeviceBoundMessage message(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return HubJson.read(answer.body().getBytes(StandardCharsets.UTF_8), DeviceBoundMessage.class);
    }

    private static void assertLost(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(412);
        assertThat(answer.header("iothub-errorcode")).isEqualTo("DeviceMessageLockLost");
    }

    private Expiry expiry(Duration time) {
        return new Expiry(transactions, dispatch(time), config, ahead(time));
    }

    private Dispatch dispatch(Duration time) {
        return new Dispatch(outbox, metrics, config, ahead(time));
    }

    private static Clock ahead(Duration time) {
        return Clock.offset(Clock.systemUTC(), time);
    }
}
