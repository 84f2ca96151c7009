package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.HubError;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.Permission;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.SystemProperty;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestKafka;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.message.Message;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages to devices and feedback, as back ends send and receive them over AMQP. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class AmqpBackEndIT {

    private static final String TO_DEVICES = "/messages/devicebound";
    private static final String FEEDBACK = "/messages/serviceBound/feedback";

    private final String device = "b-" + UUID.randomUUID();
    private FakeQueues queues;
    private AmqpClient client;
    private Session session;

    @BeforeEach
    void connect() throws IOException {
        queues = new FakeQueues(
                URI.create(config("freehub.gateway.commands.url")).getPort());
        client = client().open();
        session = client.session();
        assertThat(client.putToken(session, token("service", 600)).status()).isEqualTo(200);
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
        queues.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {TO_DEVICES, "amqps://hub.example.com:5671/messages/deviceBound"})
    void aMessageIsInItsQueueWhenItIsAccepted(String address) throws IOException {
        var sender = client.sender(session, "sender", address);
        assertThat(sender.getCredit()).isBetween(1, 32);
        var message = message("/devices/" + device + "/messages/deviceBound", "grüße");
        message.setMessageId("x1");
        message.setCorrelationId("run 1");
        message.setContentType("application/json");
        message.setContentEncoding("utf-8");
        message.setUserId("me".getBytes(StandardCharsets.UTF_8));
        message.setExpiryTime(1_800_000_000_000L);
        message.setApplicationProperties(new ApplicationProperties(
                Map.of("iothub-ack", "positiveonly", "count", 7, "on", true, "at", new Date(1767225600000L))));

        assertThat(outcome(address, message)).isInstanceOf(Accepted.class);

        assertThat(queues.sent()).singleElement().satisfies(sent -> {
            assertThat(sent.device()).isEqualTo(device);
            assertThat(sent.text()).isEqualTo("grüße");
            assertThat(sent.message().properties().system())
                    .isEqualTo(Map.of(
                            SystemProperty.MESSAGE_ID, "x1",
                            SystemProperty.CORRELATION_ID, "run 1",
                            SystemProperty.USER_ID, "me",
                            SystemProperty.TO, "/devices/" + device + "/messages/deviceBound",
                            SystemProperty.CONTENT_TYPE, "application/json",
                            SystemProperty.CONTENT_ENCODING, "utf-8",
                            SystemProperty.EXPIRY, "2027-01-15T08:00:00Z",
                            SystemProperty.ACK, "positiveonly"));
            assertThat(sent.message().properties().application())
                    .containsExactlyInAnyOrder(
                            new Application("count", Optional.of("7")),
                            new Application("on", Optional.of("true")),
                            new Application("at", Optional.of("2026-01-01T00:00:00Z")));
        });
        assertThat(queues.authorizations()).allMatch(header -> header.contains("skn=%24freehub"));
    }

    @Test
    void idsMayBeEncodedAndNeedNotBe() throws IOException {
        var odd = "50%25#" + device;
        var raw = "/devices/" + odd + TO_DEVICES;
        assertThat(outcome(TO_DEVICES, message(raw, "raw"))).isInstanceOf(Accepted.class);
        var encoded = URLEncoder.encode(odd, StandardCharsets.UTF_8);
        queues.refuse(encoded, HubError.DEVICE_NOT_FOUND);
        assertThat(outcome(TO_DEVICES, message("/devices/" + encoded + TO_DEVICES, "encoded")))
                .isInstanceOf(Accepted.class);
        assertThat(queues.sent()).extracting(FakeQueues.Sent::device).containsExactly(odd, odd);
    }

    @Test
    void theBodyMayBeAValue() throws IOException {
        var message = message(to(), "");
        message.setBody(new AmqpValue("text"));
        assertThat(outcome(TO_DEVICES, message)).isInstanceOf(Accepted.class);
        assertThat(queues.sent()).singleElement().satisfies(sent -> assertThat(sent.text())
                .isEqualTo("text"));
    }

    @ParameterizedTest
    @CsvSource({
        "DEVICE_NOT_FOUND, amqp:not-found",
        "QUEUE_FULL, amqp:resource-limit-exceeded",
        "INVALID_EXPIRY, com.microsoft:argument-error",
        "ARGUMENT_INVALID, com.microsoft:argument-error",
        "MESSAGE_TOO_LARGE, amqp:link:message-size-exceeded",
        "THROTTLED, com.microsoft:device-container-throttled",
        "UNAUTHORIZED, amqp:internal-error",
        "SERVICE_UNAVAILABLE, amqp:internal-error"
    })
    void whatCommandServiceRefusesIsRejected(HubError error, String condition) throws IOException {
        queues.refuse(device, error);
        var outcome = outcome(TO_DEVICES, message(to(), "x"));
        assertThat(condition(outcome)).isEqualTo(condition);
        if (error.httpStatus() < 500 && error != HubError.UNAUTHORIZED) {
            assertThat(((Rejected) outcome).getError().getDescription()).isEqualTo("no, " + device);
        }
    }

    @Test
    void whatIsWrongIsRejectedBeforeAnybodyIsAsked() throws IOException {
        for (var to : List.of("", "/devices/x", "/devices/x/messages/events", "devices//messages/devicebound")) {
            assertThat(condition(outcome(TO_DEVICES, message(to, "x"))))
                    .as(to)
                    .isEqualTo("com.microsoft:argument-error");
        }
        assertThat(condition(outcome(TO_DEVICES, message("/devices/x/modules/m/messages/devicebound", "x"))))
                .isEqualTo("amqp:not-found");
        assertThat(condition(outcome(TO_DEVICES, message(to(), "x".repeat(65 * 1024)))))
                .isEqualTo("amqp:link:message-size-exceeded");
        assertThat(condition(outcome(TO_DEVICES, message(to(), "x".repeat(300 * 1024)))))
                .isEqualTo("amqp:link:message-size-exceeded");
        // Not whether anybody came at all: feedback that another connection left is given back meanwhile.
        assertThat(queues.sent()).isEmpty();
        // The link goes on.
        assertThat(outcome(TO_DEVICES, message(to(), "x"))).isInstanceOf(Accepted.class);
    }

    @Test
    void messagesToADeviceKeepTheirOrderAndManyGoThroughOneLink() throws IOException {
        var sender = client.sender(session, "sender", TO_DEVICES);
        var deliveries = new ArrayList<Delivery>();
        for (int n = 0; n < 100; n++) {
            deliveries.add(client.send(sender, 0, AmqpClient.encode(message(to(), Integer.toString(n)))));
        }
        for (var delivery : deliveries) {
            assertThat(client.outcome(delivery)).isInstanceOf(Accepted.class);
        }
        assertThat(queues.sent())
                .extracting(FakeQueues.Sent::text)
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(Integer::toString).toList());
    }

    @Test
    void aFailureOfCommandServiceIsRejectedAndNeverReleased() throws IOException {
        queues.failWith(500);
        assertThat(condition(outcome(TO_DEVICES, message(to(), "x")))).isEqualTo("amqp:internal-error");
        queues.work();
        queues.hold();
        assertThat(condition(outcome(TO_DEVICES, message(to(), "x")))).isEqualTo("com.microsoft:timeout");
        queues.release();
        queues.close();
        assertThat(condition(outcome(TO_DEVICES, message(to(), "x")))).isEqualTo("amqp:internal-error");
    }

    @ParameterizedTest
    @ValueSource(strings = {FEEDBACK, "/messages/serviceBound/filenotifications"})
    void whoMayNotConnectAsAServiceReceivesNothing(String address) throws IOException {
        try (var other = client().open()) {
            var theirs = other.session();
            other.putToken(theirs, token("device", 600));
            var receiver = other.receiver(theirs, "r", address);
            assertThat(other.detached(receiver)).isEqualTo("amqp:unauthorized-access");
            assertThat(receiver.getRemoteSource()).isNull();
        }
    }

    @Test
    void whoMayNotConnectAsAServiceSendsNothing() throws IOException {
        try (var other = client().open()) {
            var theirs = other.session();
            var narrow = SasToken.create(
                    HOST + "/messages/events", key("service"), Instant.now().plusSeconds(600), Optional.of("service"));
            for (var token : List.of(token("device", 600), narrow)) {
                assertThat(other.putToken(theirs, token).status()).isEqualTo(200);
                assertThat(other.detached(other.sender(theirs, "s" + token.length(), TO_DEVICES)))
                        .isEqualTo("amqp:unauthorized-access");
            }
        }
    }

    @Test
    void plainBringsTheTokenOfAPolicy() throws IOException {
        try (var other = client()) {
            assertThat(other.open("service@sas.root.hub", token("service", 600)))
                    .isTrue();
            var theirs = other.session();
            var sent = other.send(other.sender(theirs, "s", TO_DEVICES), 0, AmqpClient.encode(message(to(), "x")));
            assertThat(other.outcome(sent)).isInstanceOf(Accepted.class);
        }
    }

    @Test
    void linksEndWithTheTokenUnlessAnotherIsBrought() throws IOException {
        long skew = SasToken.CLOCK_SKEW.toSeconds();
        try (var other = client().open()) {
            var theirs = other.session();
            other.putToken(theirs, token("service", 2 - skew));
            var sender = other.sender(theirs, "s", TO_DEVICES);
            assertThat(sender.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
            assertThat(other.detached(sender)).isEqualTo("amqp:unauthorized-access");
            long begun = System.nanoTime();
            other.putToken(theirs, token("service", 2 - skew));
            var again = other.sender(theirs, "s2", TO_DEVICES);
            var second = other.receiver(theirs, "r2", FEEDBACK);
            other.putToken(theirs, token("service", 4 - skew));
            assertThat(other.detached(second)).isEqualTo("amqp:unauthorized-access");
            assertThat(other.detached(again)).isEqualTo("amqp:unauthorized-access");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(2500));
        }
    }

    @Test
    void linksEndWhenThePolicyIsGone() throws IOException {
        var policy = new AccessPolicy("passing", SymmetricKeys.generate(), Set.of(Permission.SERVICE_CONNECT));
        publish(policy.name(), HubJson.write(policy));
        try (var other = client().open()) {
            var theirs = other.session();
            var token = SasToken.create(
                    HOST, policy.keys().primary(), Instant.now().plusSeconds(600), Optional.of(policy.name()));
            Awaitility.await()
                    .pollInSameThread()
                    .until(() -> other.putToken(theirs, token).status().equals(200));
            var sender = other.sender(theirs, "s", TO_DEVICES);
            assertThat(sender.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
            publish(policy.name(), null);
            assertThat(other.detached(sender)).isEqualTo("amqp:unauthorized-access");
        }
    }

    private static void publish(String policy, byte @Nullable [] value) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topic.POLICIES.name(), policy, value));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                FEEDBACK,
                "/messages/servicebound/feedback",
                "amqps://hub.example.com:5671/messages/serviceBound/feedback"
            })
    void feedbackComesAsEverySdkReadsIt(String address) throws IOException {
        var receiver = client.receiver(session, "feedback", address);
        queues.addFeedback("[{\"originalMessageId\":\"x1\"}]");
        receiver.flow(1000);
        var got = next(receiver);
        assertThat(got.delivery().getTag()).hasSize(16);
        assertThat(got.delivery().getMessageFormat()).isZero();
        assertThat(got.delivery().isSettled()).isFalse();
        assertThat(got.message().getContentType()).isEqualTo("application/vnd.microsoft.iothub.feedback.json");
        assertThat(got.message().getUserId()).asString(StandardCharsets.UTF_8).isEqualTo(HOST);
        assertThat(got.message().getMessageAnnotations().getValue())
                .isEqualTo(Map.of(
                        Symbol.valueOf("iothub-enqueuedtime"), Date.from(Instant.parse("2026-01-02T03:04:05.678Z"))));
        assertThat(got.text()).isEqualTo("[{\"originalMessageId\":\"x1\"}]");
    }

    @Test
    void acceptedIsDoneWithAndReleasedComesAgain() throws IOException {
        var receiver = client.receiver(session, "feedback", FEEDBACK);
        queues.addFeedback("[1]");
        receiver.flow(1);
        settle(next(receiver), Released.getInstance());
        receiver.flow(1);
        var again = next(receiver);
        assertThat(again.text()).isEqualTo("[1]");
        settle(again, Accepted.getInstance());
        queues.addFeedback("[2]");
        receiver.flow(1);
        settle(next(receiver), new Rejected());
        awaitSettled("[1]/abandoned", "[1]/completed", "[2]/completed");
    }

    @Test
    void noMoreComesThanThereIsCreditFor() throws IOException {
        var receiver = client.receiver(session, "feedback", FEEDBACK);
        queues.addFeedback("[1]");
        queues.addFeedback("[2]");
        receiver.flow(1);
        var first = next(receiver);
        // What is settled shows that the gateway has gone on.
        settle(first, Accepted.getInstance());
        awaitSettled("[1]/completed");
        assertThat(receiver.current()).isNull();
        assertThat(queues.lockedFeedback()).isEmpty();
        receiver.flow(1);
        assertThat(next(receiver).text()).isEqualTo("[2]");
    }

    @Test
    void aClientThatSettlesNothingLeavesTheRestToOthers() throws IOException {
        var greedy = client.receiver(session, "greedy", FEEDBACK);
        for (int n = 0; n < 20; n++) {
            queues.addFeedback("[" + n + "]");
        }
        greedy.flow(100);
        for (int n = 0; n < 16; n++) {
            next(greedy);
        }
        var other = client.receiver(session, "other", FEEDBACK);
        other.flow(100);
        for (int n = 16; n < 20; n++) {
            assertThat(next(other).text()).isEqualTo("[" + n + "]");
        }
    }

    @Test
    void receiversShareTheBatches() throws IOException {
        var one = client.receiver(session, "one", FEEDBACK);
        var two = client.receiver(session, "two", FEEDBACK);
        one.flow(10);
        two.flow(10);
        client.write();
        Awaitility.await().until(() -> queues.polls() > 0);
        for (int n = 0; n < 6; n++) {
            queues.addFeedback("[" + n + "]");
        }
        var seen = new ArrayList<String>();
        for (int n = 0; n < 3; n++) {
            seen.add(next(one).text());
            seen.add(next(two).text());
        }
        assertThat(seen).containsExactlyInAnyOrder("[0]", "[1]", "[2]", "[3]", "[4]", "[5]");
    }

    @Test
    void whatIsUnsettledWhenTheLinkEndsIsGivenBack() throws IOException {
        var receiver = client.receiver(session, "feedback", FEEDBACK);
        queues.addFeedback("[1]");
        receiver.flow(1);
        next(receiver);
        receiver.close();
        client.write();
        awaitSettled("[1]/abandoned");

        var second = client.receiver(session, "second", FEEDBACK);
        second.flow(1);
        next(second);
        client.close();
        awaitSettled("[1]/abandoned", "[1]/abandoned");
    }

    @Test
    void aClientThatWaitsForTheHubHearsWhetherItCounts() throws IOException {
        var receiver = receiver(SenderSettleMode.UNSETTLED, ReceiverSettleMode.SECOND);
        assertThat(receiver.getRemoteReceiverSettleMode()).isEqualTo(ReceiverSettleMode.SECOND);
        queues.addFeedback("[1]");
        receiver.flow(1);
        for (DeliveryState state : List.of(Released.getInstance(), Accepted.getInstance())) {
            var got = next(receiver);
            got.delivery().disposition(state);
            assertThat(client.outcome(got.delivery())).isInstanceOf(Accepted.class);
            receiver.flow(1);
        }
        queues.addFeedback("[2]");
        var rejected = next(receiver);
        rejected.delivery().disposition(new Rejected());
        assertThat(client.outcome(rejected.delivery())).isInstanceOf(Accepted.class);
        assertThat(queues.settled()).containsExactly("[1]/abandoned", "[1]/completed", "[2]/completed");

        queues.addFeedback("[3]");
        receiver.flow(1);
        var lost = next(receiver);
        queues.lockedFeedback().forEach(queues::loseLock);
        lost.delivery().disposition(Accepted.getInstance());
        assertThat(condition(client.outcome(lost.delivery()))).isEqualTo("amqp:not-found");

        queues.addFeedback("[4]");
        receiver.flow(1);
        var unlucky = next(receiver);
        queues.failWith(500);
        unlucky.delivery().disposition(Accepted.getInstance());
        assertThat(condition(client.outcome(unlucky.delivery()))).isEqualTo("amqp:internal-error");
    }

    @Test
    void aClientThatSettlesNothingByAgreementIsDoneAtOnce() throws IOException {
        var receiver = receiver(SenderSettleMode.SETTLED, ReceiverSettleMode.FIRST);
        queues.addFeedback("[1]");
        receiver.flow(1);
        assertThat(next(receiver).delivery().remotelySettled()).isTrue();
        awaitSettled("[1]/completed");
    }

    @Test
    void oneAsksForAllAndNobodyWithoutCredit() throws IOException {
        var receivers = new ArrayList<Receiver>();
        for (int n = 0; n < 20; n++) {
            receivers.add(client.receiver(session, "r" + n, FEEDBACK));
        }
        assertThat(queues.polls()).isZero();
        long begun = System.nanoTime();
        receivers.forEach(receiver -> receiver.flow(1));
        client.write();
        Awaitility.await().until(() -> queues.polls() >= 4);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void feedbackComesWhenCommandServiceIsBack() throws IOException {
        var receiver = client.receiver(session, "feedback", FEEDBACK);
        queues.failWith(503);
        receiver.flow(1);
        client.write();
        queues.addFeedback("[1]");
        Awaitility.await().until(() -> !queues.authorizations().isEmpty());
        queues.work();
        assertThat(next(receiver).text()).isEqualTo("[1]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/messages/serviceBound/filenotifications",
                "/messages/servicebound/fileNotifications",
                "/messages/servicebound/fileuploadnotifications"
            })
    void whoWaitsForFilesMayWait(String address) throws IOException {
        var receiver = client.receiver(session, "files", address);
        assertThat(receiver.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
        receiver.flow(10);
        client.write();
        assertThat(outcome(TO_DEVICES, message(to(), "x"))).isInstanceOf(Accepted.class);
        assertThat(receiver.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
        assertThat(receiver.current()).isNull();
    }

    /** What a client received. */
    private record Got(Delivery delivery, Message message) {

        String text() {
            return ((Data) message.getBody()).getValue().toString();
        }
    }

    private Got next(Receiver receiver) throws IOException {
        client.await(() -> receiver.current() != null && !receiver.current().isPartial());
        var delivery = receiver.current();
        var bytes = new byte[delivery.available()];
        receiver.recv(bytes, 0, bytes.length);
        receiver.advance();
        var message = Proton.message();
        message.decode(bytes, 0, bytes.length);
        return new Got(delivery, message);
    }

    private Receiver receiver(SenderSettleMode theirs, ReceiverSettleMode ours) throws IOException {
        var receiver = session.receiver("feedback");
        var source = new Source();
        source.setAddress(FEEDBACK);
        receiver.setSource(source);
        receiver.setTarget(new Target());
        receiver.setSenderSettleMode(theirs);
        receiver.setReceiverSettleMode(ours);
        receiver.open();
        client.await(() -> receiver.getRemoteState() == EndpointState.ACTIVE);
        return receiver;
    }

    private void settle(Got got, DeliveryState state) throws IOException {
        got.delivery().disposition(state);
        got.delivery().settle();
        client.write();
    }

    private void awaitSettled(String... settled) {
        Awaitility.await().untilAsserted(() -> assertThat(queues.settled()).containsExactly(settled));
    }

    private Object outcome(String address, Message message) throws IOException {
        var sender = client.sender(session, "sender-" + UUID.randomUUID(), address);
        return client.outcome(client.send(sender, 0, AmqpClient.encode(message)));
    }

    private static String condition(Object outcome) {
        assertThat(outcome).isInstanceOf(Rejected.class);
        return ((Rejected) outcome).getError().getCondition().toString();
    }

    private String to() {
        return "/devices/" + device + "/messages/devicebound";
    }

    private static Message message(String to, String text) {
        var message = Proton.message();
        if (!to.isEmpty()) {
            message.setAddress(to);
        }
        message.setBody(new Data(new Binary(text.getBytes(StandardCharsets.UTF_8))));
        return message;
    }

    private static String token(String policy, long seconds) {
        return SasToken.create(HOST, key(policy), Instant.now().plusSeconds(seconds), Optional.of(policy));
    }

    private static SymmetricKey key(String policy) {
        return new SymmetricKey(
                config(policy.equals("service") ? GatewayResource.SERVICE_KEY : GatewayResource.POLICY_KEY));
    }

    private static AmqpClient client() throws IOException {
        return AmqpClient.plain(Integer.parseInt(config("freehub.gateway.amqp.plain-port")));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
