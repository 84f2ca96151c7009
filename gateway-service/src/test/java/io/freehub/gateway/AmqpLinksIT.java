package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceStatus;
import io.freehub.model.Disposition;
import io.freehub.model.Downlink.DesiredChanged;
import io.freehub.model.Downlink.MessageDelivered;
import io.freehub.model.Downlink.MethodCalled;
import io.freehub.model.Downlink.ObserveAnswered;
import io.freehub.model.Downlink.TwinAnswered;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.ReceiverEvent.Attached;
import io.freehub.model.ReceiverEvent.Detached;
import io.freehub.model.ReceiverEvent.Settled;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SasToken;
import io.freehub.model.SessionAddress;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.SystemProperty;
import io.freehub.model.Topic;
import io.freehub.model.TwinRequest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestKafka;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.message.Message;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device or module receives, asks and answers over AMQP: messages of back ends, its twin, and calls of its methods. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class AmqpLinksIT {

    private static final int MESSAGE_WINDOW = 16;
    private static final int METHOD_WINDOW = 10;

    private static final String DESIRED = "/notifications/twin/properties/desired";

    private static FakeRegistry registry;
    private static FakeTwins twins;
    private static FakeCommands commands;

    private final String device = "l-" + UUID.randomUUID();
    private SymmetricKeys keys;
    private AmqpClient client;
    private Session session;

    @BeforeAll
    static void start() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        twins = new FakeTwins();
        commands = new FakeCommands();
    }

    @AfterAll
    static void stop() {
        commands.close();
        twins.close();
        registry.stop();
    }

    @BeforeEach
    void connect() throws IOException {
        keys = registry.add(device);
        client = client().open();
        session = client.session();
        bring(device, keys, 600);
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
    }

    // Messages

    @Test
    void messageComesAsEverySdkReadsItAndIsCompleted() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 1000);
        var attached = commands.await(device, Attached.class);
        assertThat(attached.link()).isEqualTo(ReceiverEvent.Link.MESSAGES);
        assertThat(attached.window()).isEqualTo(MESSAGE_WINDOW);
        assertThat(attached.generationId()).isEqualTo("g-" + device);
        assertThat(attached.incarnation()).isPositive();
        assertThat(attached.from().identity()).hasToString(device);
        assertThat(attached.from().gateway()).isEqualTo(GatewayResource.ORDINAL);

        var lockToken = UUID.randomUUID();
        var enqueued = Instant.parse("2026-01-02T03:04:05.678Z");
        var expires = Instant.parse("2036-01-02T03:04:05.678Z");
        var properties = new MessageProperties(
                Map.of(
                        SystemProperty.MESSAGE_ID,
                        "m1",
                        SystemProperty.CORRELATION_ID,
                        "run 1",
                        SystemProperty.USER_ID,
                        "mü",
                        SystemProperty.CONTENT_TYPE,
                        "application/json",
                        SystemProperty.CONTENT_ENCODING,
                        "utf-8",
                        SystemProperty.ACK,
                        "full",
                        SystemProperty.CREATION_TIME,
                        "2026-01-01T00:00:00Z",
                        SystemProperty.EXPIRY,
                        "2036-01-02T03:04:05.678Z"),
                List.of(
                        new Application("a", Optional.of("1+1")),
                        new Application("none", Optional.of("")),
                        new Application("iothub-operation", Optional.of("x"))));
        commands.send(new MessageDelivered(
                attached.from(),
                new DeviceBoundMessage(lockToken.toString(), 7, 2, enqueued, expires, properties, bytes("häl\0lo"))));

        var got = client.next(receiver);
        assertThat(got.delivery().getTag()).isEqualTo(bytes(lockToken));
        assertThat(got.delivery().isSettled()).isFalse();
        assertThat(got.delivery().getMessageFormat()).isZero();
        var message = got.message();
        assertThat(message.getMessageId()).isEqualTo("m1");
        assertThat(message.getCorrelationId()).isEqualTo("run 1");
        assertThat(message.getUserId()).isEqualTo(bytes("mü"));
        assertThat(message.getAddress()).isEqualTo("/devices/" + device + "/messages/deviceBound");
        assertThat(message.getContentType()).isEqualTo("application/json");
        assertThat(message.getContentEncoding()).isEqualTo("utf-8");
        assertThat(message.getExpiryTime()).isEqualTo(expires.toEpochMilli());
        assertThat(message.getCreationTime()).isEqualTo(1767225600000L);
        assertThat(message.getApplicationProperties().getValue()).isEqualTo(Map.of("iothub-ack", "full", "a", "1+1"));
        assertThat(message.getMessageAnnotations().getValue())
                .isEqualTo(Map.of(
                        Symbol.valueOf("x-opt-lock-token"),
                        lockToken.toString(),
                        Symbol.valueOf("x-opt-sequence-number"),
                        UnsignedLong.valueOf(7),
                        Symbol.valueOf("iothub-enqueuedtime"),
                        Date.from(enqueued),
                        Symbol.valueOf("iothub-deliverycount"),
                        UnsignedByte.valueOf((byte) 2)));
        assertThat(((Data) message.getBody()).getValue().getArray()).isEqualTo(bytes("häl\0lo"));
        assertThat(commands.received(device)).as("before it is settled").containsExactly(attached);

        client.settle(got, Accepted.getInstance());
        var settled = commands.await(device, Settled.class);
        assertThat(settled.lockToken()).isEqualTo(lockToken.toString());
        assertThat(settled.disposition()).isEqualTo(Disposition.COMPLETED);
        assertThat(settled.from()).isEqualTo(attached.from());
    }

    static Stream<Arguments> outcomes() {
        return Stream.of(
                Arguments.of(Accepted.getInstance(), Disposition.COMPLETED),
                Arguments.of(Released.getInstance(), Disposition.ABANDONED),
                Arguments.of(new Modified(), Disposition.ABANDONED),
                Arguments.of(new Rejected(), Disposition.REJECTED));
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void everyOutcomeIsOne(DeliveryState state, Disposition disposition) throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 100);
        send(commands.await(device, Attached.class).from(), "x");

        client.settle(client.next(receiver), state);

        assertThat(commands.await(device, Settled.class).disposition()).isEqualTo(disposition);
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void whoWaitsForTheHubHearsThatItCounts(DeliveryState state, Disposition disposition) throws IOException {
        var receiver =
                client.receiver(session, "r", messages(device), SenderSettleMode.UNSETTLED, ReceiverSettleMode.SECOND);
        assertThat(receiver.getRemoteReceiverSettleMode()).isEqualTo(ReceiverSettleMode.SECOND);
        assertThat(receiver.getRemoteSenderSettleMode()).isEqualTo(SenderSettleMode.UNSETTLED);
        client.flow(receiver, 100);
        send(commands.await(device, Attached.class).from(), "x");

        var got = client.next(receiver);
        got.delivery().disposition(state);

        assertThat(client.outcome(got.delivery())).isInstanceOf(Accepted.class);
        assertThat(commands.await(device, Settled.class).disposition()).isEqualTo(disposition);
    }

    @Test
    void whatIsNotSettledInTimeIsGivenBackAndTheClientIsTold() throws IOException {
        var receiver =
                client.receiver(session, "r", messages(device), SenderSettleMode.UNSETTLED, ReceiverSettleMode.SECOND);
        client.flow(receiver, 100);
        var lockToken = send(commands.await(device, Attached.class).from(), "x");
        var got = client.next(receiver);

        var settled = commands.await(device, Settled.class);
        assertThat(settled.lockToken()).isEqualTo(lockToken);
        assertThat(settled.disposition()).isEqualTo(Disposition.ABANDONED);
        got.delivery().disposition(Accepted.getInstance());
        assertThat(rejection(client.outcome(got.delivery()))).isEqualTo("amqp:not-found");
        assertThat(commands.received(device).stream().filter(Settled.class::isInstance))
                .hasSize(1);
    }

    @Test
    void whoSettlesNothingByAgreementIsDoneAtOnce() throws IOException {
        var receiver =
                client.receiver(session, "r", messages(device), SenderSettleMode.SETTLED, ReceiverSettleMode.FIRST);
        client.flow(receiver, 100);
        send(commands.await(device, Attached.class).from(), "x");

        assertThat(client.next(receiver).delivery().remotelySettled()).isTrue();
        assertThat(commands.await(device, Settled.class).disposition()).isEqualTo(Disposition.COMPLETED);
    }

    @Test
    void creditIsWhatTheSessionMayHave() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 3);
        var attached = commands.await(device, Attached.class);
        assertThat(attached.window()).isEqualTo(3);
        send(attached.from(), "1");
        var first = client.next(receiver);

        client.settle(first, Accepted.getInstance());
        var smaller = commands.await(device, 3);
        assertThat(smaller.get(1))
                .as("before the queue hears that the message is settled")
                .isInstanceOfSatisfying(
                        Attached.class, changed -> assertThat(changed.window()).isEqualTo(2));
        assertThat(smaller.get(2)).isInstanceOf(Settled.class);

        client.flow(receiver, 1000);
        assertThat(commands.await(device, Attached.class, 3).getLast().window()).isEqualTo(MESSAGE_WINDOW);
    }

    @Test
    void withoutCreditNothingComes() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        var twin = client.receiver(session, "other", twin(device));
        assertThat(twin.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
        assertThat(commands.received(device)).isEmpty();
        client.flow(receiver, 1);
        var to = commands.await(device, Attached.class).from();
        // More than there is credit for: as when the client takes credit back.
        send(to, "1");
        send(to, "2");
        var first = client.next(receiver);
        assertThat(first.text()).isEqualTo("1");
        client.settle(first, Accepted.getInstance());
        commands.await(device, Settled.class);
        assertThat(receiver.current()).isNull();

        client.flow(receiver, 1);

        assertThat(client.next(receiver).text()).isEqualTo("2");
    }

    @Test
    void creditThatIsDrainedIsUsedForWhatWaitsAndGivenBack() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        receiver.drain(5);
        client.write();
        send(commands.await(device, Attached.class).from(), "1");
        assertThat(client.next(receiver).text()).isEqualTo("1");
        client.await(() -> receiver.getRemoteCredit() == 0);
        assertThat(commands.await(device, Attached.class, 2).getLast().window())
                .as("what it has and nothing more")
                .isEqualTo(1);

        receiver.setDrain(false);
        client.flow(receiver, 1);
        assertThat(commands.await(device, Attached.class, 3).getLast().window()).isEqualTo(2);
    }

    @Test
    void messageThatIsNotTakenInTimeIsGivenBack() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 1);
        var to = commands.await(device, Attached.class).from();
        send(to, "1");
        client.settle(client.next(receiver), Accepted.getInstance());
        commands.await(device, Settled.class);

        var lockToken = send(to, "2");

        var settled = commands.await(device, Settled.class, 2).getLast();
        assertThat(settled.lockToken()).isEqualTo(lockToken);
        assertThat(settled.disposition()).isEqualTo(Disposition.ABANDONED);
        client.flow(receiver, 1);
        send(to, "3");
        assertThat(client.next(receiver).text()).isEqualTo("3");
    }

    @Test
    void whoSettlesNothingHasNoMoreThanTheWindow() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 1000);
        var to = commands.await(device, Attached.class).from();
        for (int i = 0; i < MESSAGE_WINDOW; i++) {
            send(to, "n" + i);
        }
        var tooMany = send(to, "one more");

        var settled = commands.await(device, Settled.class);
        assertThat(settled.lockToken()).isEqualTo(tooMany);
        assertThat(settled.disposition()).isEqualTo(Disposition.ABANDONED);
        for (int i = 0; i < MESSAGE_WINDOW; i++) {
            assertThat(client.next(receiver).text()).isEqualTo("n" + i);
        }
    }

    @Test
    void largeMessagesComeInTheirOrderAndDeliveriesOnce() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 1000);
        var to = commands.await(device, Attached.class).from();
        for (int i = 0; i < MESSAGE_WINDOW; i++) {
            var delivered = new MessageDelivered(to, message(UUID.randomUUID().toString(), i + "x".repeat(60_000)));
            commands.send(delivered);
            commands.send(delivered);
        }
        for (int i = 0; i < MESSAGE_WINDOW; i++) {
            var got = client.next(receiver);
            assertThat(got.text()).hasSizeGreaterThan(60_000).startsWith(i + "x");
            client.settle(got, Accepted.getInstance());
        }
        assertThat(commands.await(device, Settled.class, MESSAGE_WINDOW))
                .extracting(Settled::disposition)
                .containsOnly(Disposition.COMPLETED);
    }

    @Test
    void endOfTheLinkGivesBackWhatIsUnsettledAndAnotherGetsIt() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 10);
        var to = commands.await(device, Attached.class).from();
        // The session goes on.
        client.sender(session, "t", events(device));
        send(to, "x");
        client.next(receiver);
        receiver.close();
        client.write();
        var detached = commands.await(device, Detached.class);
        assertThat(detached.from()).isEqualTo(to);
        assertThat(detached.link()).isEqualTo(ReceiverEvent.Link.MESSAGES);
        send(to, "too late");
        commands.await(device, Detached.class, 2);

        var again = client.receiver(session, "r2", messages(device));
        client.flow(again, 10);
        var later = commands.await(device, Attached.class, 2).getLast();
        assertThat(later.from()).isEqualTo(to);
        assertThat(later.window()).isEqualTo(10);
        send(to, "again");
        assertThat(client.next(again).text()).isEqualTo("again");

        client.close();
        assertThat(commands.await(device, Detached.class, 3).getLast().from()).isEqualTo(to);
    }

    @Test
    void newerLinkOfTheSessionTakesThePlaceOfTheOlder() throws IOException {
        var older = client.receiver(session, "older", messages(device));
        client.flow(older, 10);
        commands.await(device, Attached.class);
        var newer = client.receiver(session, "newer", messages(device));
        assertThat(client.detached(older)).isEqualTo("amqp:link:stolen");
        client.flow(newer, 10);
        send(commands.await(device, Attached.class, 2).getLast().from(), "x");

        assertThat(client.next(newer).text()).isEqualTo("x");
    }

    @Test
    void modulesHaveTheirLinksAndNoQueue() throws IOException {
        var module = device + "/m";
        bring(module, registry.add(module), 600);
        for (var end : List.of("messages/devicebound", "messages/events")) {
            var receiver = client.receiver(session, end, "/devices/" + device + "/modules/m/" + end);
            assertThat(receiver.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
            client.flow(receiver, 100);
        }
        assertThat(client.outcome(client.send(
                        client.sender(session, "t", "/devices/" + device + "/modules/m/messages/events"),
                        0,
                        AmqpClient.encode(body("x")))))
                .isInstanceOf(Accepted.class);
        assertThat(commands.received(device)).isEmpty();
    }

    // Methods

    @Test
    void methodIsCalledAndAnswered() throws IOException {
        var links = methods(device);
        client.flow(links.receiver(), 100);
        var attached = commands.await(device, Attached.class);
        assertThat(attached.link()).isEqualTo(ReceiverEvent.Link.METHODS);
        assertThat(attached.window()).isEqualTo(METHOD_WINDOW);
        var call = call(attached.from(), "reBoot", "{\"delay\":\"ü\"}");
        commands.send(call);

        var got = client.next(links.receiver());
        assertThat(got.delivery().getTag()).hasSize(16);
        assertThat(got.message().getCorrelationId()).isInstanceOfSatisfying(UUID.class, id -> {
            assertThat(id.version()).isEqualTo(4);
            assertThat(id.toString().replace("-", "")).isEqualTo(call.call());
        });
        assertThat(got.message().getApplicationProperties().getValue())
                .isEqualTo(Map.of("IoThub-methodname", "reBoot"));
        assertThat(((Data) got.message().getBody()).getValue().getArray()).isEqualTo(bytes("{\"delay\":\"ü\"}"));

        assertThat(answer(links.sender(), got.message().getCorrelationId(), 200, "{\"ok\":\"ü\"}"))
                .isInstanceOf(Accepted.class);
        var answered = (MethodReply.Answered) commands.reply(call);
        assertThat(answered.status()).isEqualTo(200);
        assertThat(answered.payload()).isEqualTo(bytes("{\"ok\":\"ü\"}"));
    }

    static Stream<Arguments> forms() {
        return Stream.of(Arguments.of(true, -7), Arguments.of(true, 418L), Arguments.of(false, "503"));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void answerMayHaveOtherTypes(boolean text, Object status) throws IOException {
        var links = methods(device);
        client.flow(links.receiver(), 100);
        var call = call(commands.await(device, Attached.class).from(), "m", "");
        commands.send(call);
        var got = client.next(links.receiver());
        assertThat(got.text()).as("no payload").isEqualTo("null");
        var id = got.message().getCorrelationId();

        assertThat(answer(links.sender(), text ? id.toString() : id, status, "null"))
                .isInstanceOf(Accepted.class);

        var answered = (MethodReply.Answered) commands.reply(call);
        assertThat(answered.status()).isEqualTo(Integer.parseInt(status.toString()));
        assertThat(answered.payload()).isEqualTo(bytes("null"));
    }

    @Test
    void deviceIsCalledWhileItHasBothLinksAndCredit() throws IOException {
        var receiver = client.receiver(session, "r", calls(device));
        client.flow(receiver, 2);
        assertThat(commands.received(device)).as("it could not answer").isEmpty();
        var sender = client.sender(session, "s", calls(device));
        var to = commands.await(device, Attached.class).from();
        commands.send(call(to, "m", "1"));
        commands.send(call(to, "m", "2"));
        client.next(receiver);
        client.next(receiver);
        assertThat(commands.await(device, Detached.class).link())
                .as("no credit is left")
                .isEqualTo(ReceiverEvent.Link.METHODS);
        var refused = call(to, "m", "3");
        commands.send(refused);
        assertThat(commands.reply(refused))
                .isEqualTo(new MethodReply.Undelivered(refused.call(), HubError.DEVICE_NOT_ONLINE));

        client.flow(receiver, 5);
        commands.await(device, Attached.class, 2);
        commands.send(call(to, "m", "4"));
        assertThat(client.next(receiver).text()).isEqualTo("4");
        sender.close();
        client.write();
        commands.await(device, Detached.class, 2);
    }

    @Test
    void deviceThatDrainsItsCreditTakesNoCalls() throws IOException {
        var links = methods(device);
        client.flow(links.receiver(), 2);
        commands.await(device, Attached.class);

        links.receiver().drain(0);
        client.await(() -> links.receiver().getRemoteCredit() == 0);

        commands.await(device, Detached.class);
    }

    @Test
    void answersThatAreNoneAreToldSo() throws IOException {
        var links = methods(device);
        client.flow(links.receiver(), 100);
        var call = call(commands.await(device, Attached.class).from(), "m", "");
        commands.send(call);
        var id = client.next(links.receiver()).message().getCorrelationId();

        assertThat(rejection(answer(links.sender(), id, null, "1"))).isEqualTo("amqp:invalid-field");
        assertThat(rejection(answer(links.sender(), id, "ok", "1"))).isEqualTo("amqp:invalid-field");
        assertThat(rejection(client.outcome(client.send(links.sender(), 0, new byte[] {1, 2, 3}))))
                .isEqualTo("amqp:decode-error");
        var value = Proton.message();
        value.setBody(new AmqpValue("text"));
        assertThat(rejection(client.outcome(client.send(links.sender(), 0, AmqpClient.encode(value)))))
                .isEqualTo("amqp:decode-error");
        for (var nothing : new Object[] {null, "none", UUID.randomUUID(), UnsignedLong.valueOf(1)}) {
            assertThat(answer(links.sender(), nothing, 200, "1")).isInstanceOf(Accepted.class);
        }
        assertThat(answer(links.sender(), id, 200, "1")).isInstanceOf(Accepted.class);
        assertThat(answer(links.sender(), id, 201, "2")).as("again").isInstanceOf(Accepted.class);
        assertThat(commands.replies(device))
                .singleElement()
                .isInstanceOfSatisfying(MethodReply.Answered.class, answered -> assertThat(answered.status())
                        .isEqualTo(200));
    }

    @Test
    void answerThatIsTooLargeIsSaidToBeSo() throws IOException {
        var links = methods(device);
        client.flow(links.receiver(), 100);
        var call = call(commands.await(device, Attached.class).from(), "m", "");
        commands.send(call);
        var id = client.next(links.receiver()).message().getCorrelationId();

        answer(links.sender(), id, 200, "x".repeat(MethodReply.MAX_PAYLOAD + 1));

        assertThat(commands.reply(call))
                .isEqualTo(new MethodReply.Undelivered(call.call(), HubError.MESSAGE_TOO_LARGE));
    }

    @Test
    void callBeyondTheWindowIsRefusedUntilOneIsAnswered() throws IOException {
        var links = methods(device);
        client.flow(links.receiver(), 100);
        var to = commands.await(device, Attached.class).from();
        var ids = new ArrayList<Object>();
        for (int i = 0; i < METHOD_WINDOW; i++) {
            commands.send(call(to, "m", ""));
            ids.add(client.next(links.receiver()).message().getCorrelationId());
        }
        var refused = call(to, "m", "");
        commands.send(refused);
        assertThat(commands.reply(refused))
                .isEqualTo(new MethodReply.Undelivered(refused.call(), HubError.TOO_MANY_METHOD_CALLS));
        // More answers than the client has credit for at a time.
        for (int i = 0; i < 10; i++) {
            for (var id : ids) {
                assertThat(answer(links.sender(), id, 200, "1")).isInstanceOf(Accepted.class);
            }
        }
        commands.send(call(to, "next", ""));
        assertThat(client.next(links.receiver())
                        .message()
                        .getApplicationProperties()
                        .getValue())
                .isEqualTo(Map.of("IoThub-methodname", "next"));
    }

    @Test
    void methodOfAModuleIsItsOwnAndNothingNeedBeSettled() throws IOException {
        var module = device + "/m";
        bring(module, registry.add(module), 600);
        var address = "/devices/" + device + "/modules/m/methods/deviceBound";
        // As the C# SDK has it.
        var sender = settlingSender("s", address);
        var receiver = client.receiver(session, "r", address, SenderSettleMode.SETTLED, ReceiverSettleMode.FIRST);
        client.flow(receiver, 50);
        var to = commands.await(device, Attached.class).from();
        assertThat(to.identity()).hasToString(module);
        var call = call(to, "m", "1");
        commands.send(call);
        var got = client.next(receiver);
        assertThat(got.delivery().remotelySettled()).isTrue();

        client.send(sender, 0, AmqpClient.encode(answer(got.message().getCorrelationId(), 200, "1")))
                .settle();
        client.write();

        assertThat(commands.reply(call)).isInstanceOf(MethodReply.Answered.class);
    }

    // Twins

    static Stream<Object> ids() {
        return Stream.of(
                UUID.randomUUID(), "Get" + UUID.randomUUID(), UnsignedLong.valueOf(17), new Binary(new byte[] {0, 1}));
    }

    @ParameterizedTest
    @MethodSource("ids")
    void getIsAskedAndItsAnswerComesBackWithTheId(Object id) throws IOException {
        var links = twinLinks(device);
        var asked = ask(links.sender(), id, Map.of("operation", "GET"), " ");
        assertThat(client.outcome(asked)).isInstanceOf(Accepted.class);
        var get = twins.await(device, TwinRequest.Get.class);
        assertThat(get.generationId()).isEqualTo("g-" + device);
        assertThat(get.from().identity()).hasToString(device);
        assertThat(get.from().gateway()).isEqualTo(GatewayResource.ORDINAL);

        twins.send(new TwinAnswered(get.from(), get.requestId(), 200, Optional.empty(), "{\"desired\":{\"ü\":1}}"));

        var answer = client.next(links.receiver()).message();
        assertThat(answer.getCorrelationId()).isEqualTo(id);
        assertThat(answer.getMessageAnnotations().getValue()).isEqualTo(Map.of(Symbol.valueOf("status"), 200));
        assertThat(((Data) answer.getBody()).getValue().getArray()).isEqualTo(bytes("{\"desired\":{\"ü\":1}}"));
    }

    @Test
    void reportIsAskedWithItsVersionAndAnsweredWithTheNext() throws IOException {
        var links = twinLinks(device);
        for (var version : new Object[] {3, 3L, null}) {
            var annotations = new HashMap<String, Object>();
            annotations.put("operation", "PATCH");
            annotations.put("resource", "/properties/reported");
            annotations.put("version", version);
            assertThat(client.outcome(ask(links.sender(), "Patch1", annotations, "{\"a\":null}")))
                    .isInstanceOf(Accepted.class);
        }
        var reports = twins.await(device, 3).stream()
                .map(TwinRequest.Report.class::cast)
                .toList();
        assertThat(reports).extracting(TwinRequest.Report::patch).containsOnly("{\"a\":null}");
        assertThat(reports)
                .extracting(TwinRequest.Report::version)
                .containsExactly(Optional.of(3L), Optional.of(3L), Optional.empty());

        twins.send(
                new TwinAnswered(reports.getFirst().from(), reports.getFirst().requestId(), 204, Optional.of(4L), ""));

        var answer = client.next(links.receiver()).message();
        assertThat(answer.getCorrelationId()).isEqualTo("Patch1");
        assertThat(answer.getMessageAnnotations().getValue())
                .isEqualTo(Map.of(Symbol.valueOf("status"), 204, Symbol.valueOf("version"), 4L));
        assertThat(((Data) answer.getBody()).getValue().getLength()).isZero();
    }

    @Test
    void changesAreToldOnceTheRequestForThemIsAcceptedAndUntilItIsTakenBack() throws IOException {
        var links = twinLinks(device);
        var id = UUID.randomUUID();
        var put = ask(links.sender(), id, Map.of("operation", "PUT", "resource", DESIRED), null);
        var observe = twins.await(device, TwinRequest.Observe.class);
        twins.send(new DesiredChanged(observe.from(), 2, "{\"early\":1}"));
        // What is asked meanwhile is answered.
        assertThat(client.outcome(ask(links.sender(), "1", Map.of("operation", "GET"), "")))
                .isInstanceOf(Accepted.class);
        var get = twins.await(device, TwinRequest.Get.class);
        twins.send(new TwinAnswered(get.from(), get.requestId(), 200, Optional.empty(), "{}"));
        assertThat(client.next(links.receiver()).message().getCorrelationId()).isEqualTo("1");
        assertThat(put.remotelySettled()).isFalse();

        twins.send(new ObserveAnswered(observe.from(), observe.number(), 200));
        twins.send(new DesiredChanged(observe.from(), 3, "{\"a\":1,\"$version\":3}"));

        assertThat(client.outcome(put)).isInstanceOf(Accepted.class);
        var confirmed = client.next(links.receiver()).message();
        assertThat(confirmed.getCorrelationId()).isEqualTo(id);
        assertThat(confirmed.getMessageAnnotations().getValue()).isEqualTo(Map.of(Symbol.valueOf("status"), 200));
        assertThat(((Data) confirmed.getBody()).getValue().getLength()).isZero();
        var change = client.next(links.receiver());
        assertThat(change.message().getCorrelationId()).isNull();
        assertThat(change.message().getMessageAnnotations().getValue())
                .isEqualTo(Map.of(Symbol.valueOf("resource"), "/properties/desired", Symbol.valueOf("version"), 3L));
        assertThat(change.text()).isEqualTo("{\"a\":1,\"$version\":3}");

        ask(links.sender(), "2", Map.of("operation", "DELETE", "resource", DESIRED), " ");
        var ended = client.next(links.receiver()).message();
        assertThat(ended.getCorrelationId()).isEqualTo("2");
        assertThat(ended.getMessageAnnotations().getValue()).isEqualTo(Map.of(Symbol.valueOf("status"), 200));
        twins.await(device, TwinRequest.Unobserve.class);
        twins.send(new DesiredChanged(observe.from(), 4, "{}"));
        hears(links, "end");
    }

    @Test
    void newLinksAreToldOfNoChangesUntilTheyAsk() throws IOException {
        client.sender(session, "t", events(device));
        var links = twinLinks(device);
        var to = observe(links);
        links.receiver().close();
        client.write();
        twins.await(device, TwinRequest.Unobserve.class);
        var again = new Links(links.sender(), client.receiver(session, "again", twin(device)));
        client.flow(again.receiver(), 100);
        twins.send(new DesiredChanged(to, 2, "{}"));
        hears(again, "end");
    }

    @Test
    void whatCannotBeAskedIsAcceptedAndRefused() throws IOException {
        var links = twinLinks(device);
        var report = Map.<String, Object>of("operation", "PATCH", "resource", "/properties/reported");
        assertThat(refusal(links, report, "x".repeat(TwinRequest.MAX_PATCH + 1)))
                .isEqualTo("413 413001");
        var badVersion = new HashMap<>(report);
        badVersion.put("version", "x");
        assertThat(refusal(links, badVersion, "{}")).isEqualTo("400 400004");
        for (var operation : List.of(
                Map.<String, Object>of(),
                Map.<String, Object>of("operation", "POST"),
                Map.<String, Object>of("operation", "PATCH"),
                Map.<String, Object>of("operation", "PATCH", "resource", "/properties/desired"),
                Map.<String, Object>of("operation", "PUT", "resource", "/properties/reported"))) {
            assertThat(refusal(links, operation, "{}")).isEqualTo("400 400000");
        }
        for (var noId : new Object[] {null, "x".repeat(300)}) {
            assertThat(client.outcome(ask(links.sender(), noId, Map.of("operation", "GET"), "")))
                    .isInstanceOf(Accepted.class);
        }
        assertThat(rejection(client.outcome(client.send(links.sender(), 0, new byte[] {1, 2, 3}))))
                .isEqualTo("amqp:decode-error");
        assertThat(twins.received(device)).isEmpty();
    }

    private String refusal(Links links, Map<String, Object> annotations, String body) throws IOException {
        assertThat(client.outcome(ask(links.sender(), "id", annotations, body))).isInstanceOf(Accepted.class);
        var answer = client.next(links.receiver());
        assertThat(answer.message().getCorrelationId()).isEqualTo("id");
        var code = answer.text().replaceFirst("(?s).*\"errorCode\":(\\d+).*", "$1");
        return answer.message().getMessageAnnotations().getValue().get(Symbol.valueOf("status")) + " " + code;
    }

    @Test
    void moreThanSoManyRequestsAreRefused() throws IOException {
        var links = twinLinks(device);
        int many = GatewayResource.MAX_TWIN_REQUESTS;
        for (int i = 0; i < many + 3; i++) {
            ask(links.sender(), "" + i, Map.of("operation", "GET"), "");
        }
        for (int i = many; i < many + 3; i++) {
            var refused = client.next(links.receiver()).message();
            assertThat(refused.getCorrelationId()).isEqualTo("" + i);
            assertThat(refused.getMessageAnnotations().getValue()).isEqualTo(Map.of(Symbol.valueOf("status"), 429));
        }
        assertThat(twins.await(device, many)).hasSize(many);
    }

    @Test
    void nothingNeedBeSettledOfTwins() throws IOException {
        var sender = settlingSender("s", twin(device));
        var receiver = client.receiver(session, "r", twin(device), SenderSettleMode.SETTLED, ReceiverSettleMode.FIRST);
        client.flow(receiver, 50);
        ask(sender, "Get1", Map.of("operation", "GET"), "").settle();
        client.write();
        var get = twins.await(device, TwinRequest.Get.class);
        twins.send(new TwinAnswered(get.from(), get.requestId(), 200, Optional.empty(), "{}"));

        var answer = client.next(receiver);

        assertThat(answer.delivery().remotelySettled()).isTrue();
        assertThat(answer.message().getCorrelationId()).isEqualTo("Get1");
    }

    @Test
    void whoDoesNotTakeWhatItIsToldLosesTheLink() throws IOException {
        var sender = client.sender(session, "s", twin(device));
        var receiver = client.receiver(session, "r", twin(device));
        client.flow(receiver, 1);
        var to = observe(new Links(sender, receiver));
        var body = "{\"a\":\"" + "x".repeat(60_000) + "\"}";
        for (int version = 2; version < 30; version++) {
            twins.send(new DesiredChanged(to, version, body));
        }

        assertThat(client.detached(receiver)).isEqualTo("amqp:resource-limit-exceeded");
        twins.await(device, TwinRequest.Unobserve.class);
        assertThat(sender.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
    }

    @Test
    void whoInsistsOnSettlingAndNeverDoesLosesTheLink() throws IOException {
        var sender = client.sender(session, "s", twin(device));
        var receiver =
                client.receiver(session, "r", twin(device), SenderSettleMode.UNSETTLED, ReceiverSettleMode.FIRST);
        client.flow(receiver, 10_000);
        var to = observe(new Links(sender, receiver));
        for (int version = 2; version < 1100; version++) {
            twins.send(new DesiredChanged(to, version, "{}"));
        }

        assertThat(client.detached(receiver)).isEqualTo("amqp:resource-limit-exceeded");
    }

    @Test
    void subscriptionThatIsRefusedEndsTheSession() throws IOException {
        var links = twinLinks(device);
        ask(links.sender(), "1", Map.of("operation", "PUT", "resource", DESIRED), "");
        var observe = twins.await(device, TwinRequest.Observe.class);
        twins.send(new ObserveAnswered(observe.from(), observe.number(), 503));

        assertThat(client.detached(links.sender())).isEqualTo("amqp:link:detach-forced");
        assertThat(client.detached(links.receiver())).isEqualTo("amqp:link:detach-forced");
    }

    @Test
    void moduleAsksForItself() throws IOException {
        var module = device + "/m";
        bring(module, registry.add(module), 600);
        var sender = client.sender(session, "s", "/devices/" + device + "/modules/m/twin");
        ask(sender, "1", Map.of("operation", "GET"), "");

        assertThat(twins.await(device, TwinRequest.Get.class).from().identity()).hasToString(module);
    }

    // Several on one connection, and their ends

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void devicesOfOneConnectionHaveTheirOwn(boolean sessionEach) throws IOException {
        var other = device + "-b";
        bring(other, registry.add(other), 600);
        var first = sessionEach ? client.session() : session;
        var second = sessionEach ? client.session() : session;
        var mine = client.receiver(first, "TelemetryReceiverLink", messages(device));
        // As the C# SDK has them, and as the C SDK does.
        var theirs = client.receiver(second, sessionEach ? "TelemetryReceiverLink" : "other", messages(other));
        client.flow(mine, 10);
        client.flow(theirs, 10);
        send(commands.await(device, Attached.class).from(), "mine");
        send(commands.await(other, Attached.class).from(), "theirs");
        assertThat(client.next(theirs).text()).isEqualTo("theirs");
        assertThat(client.next(mine).text()).isEqualTo("mine");

        registry.disable(other);
        tell(new RegistryEvent.Updated(IdentityId.parse(other), "g-" + other, 2, DeviceStatus.DISABLED, Instant.now()));

        assertThat(client.detached(theirs)).isEqualTo("amqp:unauthorized-access");
        commands.await(other, Detached.class);
        send(commands.await(device, Attached.class).from(), "still mine");
        assertThat(client.next(mine).text()).isEqualTo("still mine");
    }

    @Test
    void sessionOverMqttTakesAllLinks() throws IOException {
        var links = allLinks();
        try (var mqtt = RawClient.to(Integer.parseInt(config("freehub.gateway.mqtt.plain-port")))) {
            assertThat(mqtt.connect(device, token(device, keys, 600))).isZero();

            for (var link : links) {
                assertThat(client.detached(link)).isEqualTo("amqp:link:stolen");
            }
            assertThat(commands.await(device, Detached.class, 2))
                    .extracting(Detached::link)
                    .containsExactlyInAnyOrder(ReceiverEvent.Link.MESSAGES, ReceiverEvent.Link.METHODS);

            var again = client.receiver(session, "again", messages(device));
            client.flow(again, 1);
            assertThat(mqtt.isClosed()).as("and back").isTrue();
            commands.await(device, Attached.class, 3);
        }
    }

    @Test
    void deviceThatIsDeletedLosesAllLinks() throws IOException {
        var links = allLinks();
        tell(new RegistryEvent.Deleted(IdentityId.parse(device), "g-" + device, Instant.now()));

        for (var link : links) {
            assertThat(client.detached(link)).isEqualTo("amqp:unauthorized-access");
        }
    }

    @Test
    void deviceWithOtherKeysLosesAllLinksAndOneWrittenOtherwiseNone() throws IOException {
        var links = allLinks();
        var asked = registry.requests();
        tell(updated());
        Awaitility.await().until(() -> registry.requests() > asked);
        assertThat(client.outcome(client.send((Sender) links.getFirst(), 0, AmqpClient.encode(body("x")))))
                .isInstanceOf(Accepted.class);

        var rolled = registry.add(device);
        tell(updated());

        for (var link : links) {
            assertThat(client.detached(link)).isEqualTo("amqp:unauthorized-access");
        }
        bring(device, rolled, 600);
        assertThat(client.receiver(session, "again", messages(device)).getRemoteState())
                .isEqualTo(EndpointState.ACTIVE);
    }

    private RegistryEvent updated() {
        return new RegistryEvent.Updated(
                IdentityId.parse(device), "g-" + device, 2, DeviceStatus.ENABLED, Instant.now());
    }

    @Test
    void linksEndWithTheTokenUnlessAnotherIsBrought() throws IOException {
        var other = device + "-b";
        var otherKeys = registry.add(other);
        long skew = SasToken.CLOCK_SKEW.toSeconds();
        bring(device, keys, 4 - skew);
        bring(other, otherKeys, 4 - skew);
        var links = allLinks();
        var theirs = client.receiver(session, "theirs", messages(other));
        bring(other, otherKeys, 600);

        for (var link : links) {
            assertThat(client.detached(link)).isEqualTo("amqp:unauthorized-access");
            assertThat(link.getRemoteCondition().getDescription()).contains("Token Invalid");
        }
        client.flow(theirs, 1);
        send(commands.await(other, Attached.class).from(), "x");
        assertThat(client.next(theirs).text()).isEqualTo("x");
    }

    // What clients should not do

    @Test
    void moreLinksThanAnybodyNeedsAreRefused() throws IOException {
        var links = new ArrayList<Sender>();
        for (int i = 0; i < 32; i++) {
            links.add(client.sender(session, "l" + i, events(device)));
        }
        var refused = client.sender(session, "one more", events(device));
        assertThat(client.detached(refused)).isEqualTo("amqp:resource-limit-exceeded");
        assertThat(refused.getRemoteTarget()).isNull();

        links.getFirst().close();
        client.await(() -> links.getFirst().getRemoteState() == EndpointState.CLOSED);
        assertThat(client.sender(session, "instead", events(device)).getRemoteState())
                .isEqualTo(EndpointState.ACTIVE);
    }

    @Test
    void messageThatKafkaDoesNotTakeIsReleasedAndTheLinkGoesOn() throws Exception {
        var sender = client.sender(session, "t", events(device));
        setting(Topic.TELEMETRY, "max.message.bytes", "10000");
        try {
            Awaitility.await().pollInSameThread().until(() -> {
                var sent = client.send(sender, 0, AmqpClient.encode(body("x".repeat(50_000))));
                return client.outcome(sent) instanceof Released;
            });
        } finally {
            setting(Topic.TELEMETRY, "max.message.bytes", "1048588");
        }
        Awaitility.await().pollInSameThread().until(() -> {
            var sent = client.send(sender, 0, AmqpClient.encode(body("x".repeat(50_000))));
            return client.outcome(sent) instanceof Accepted;
        });
    }

    @Test
    void whoIsSilentForTooLongIsGone() throws IOException {
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 10);
        var attached = commands.await(device, Attached.class);
        assertThat(client.idleTimeout()).isEqualTo(GatewayResource.IDLE_TIMEOUT.toMillis());

        assertThat(client.closed()).isEqualTo("amqp:resource-limit-exceeded");

        assertThat(commands.await(device, Detached.class).from()).isEqualTo(attached.from());
    }

    /** A sender and a receiver of one address. */
    private record Links(Sender sender, Receiver receiver) {}

    private Links methods(String id) throws IOException {
        return new Links(
                client.sender(session, "MethodsSenderLink", calls(id)),
                client.receiver(session, "MethodsReceiverLink", calls(id)));
    }

    private Links twinLinks(String id) throws IOException {
        var links = new Links(
                client.sender(session, "TwinSenderLink", twin(id)),
                client.receiver(session, "TwinReceiverLink", twin(id)));
        client.flow(links.receiver(), 100);
        return links;
    }

    private List<Link> allLinks() throws IOException {
        var telemetry = client.sender(session, "t", events(device));
        var receiver = client.receiver(session, "r", messages(device));
        client.flow(receiver, 10);
        var methods = methods(device);
        client.flow(methods.receiver(), 10);
        var twin = twinLinks(device);
        commands.await(device, Attached.class, 2);
        return List.of(telemetry, receiver, methods.sender(), methods.receiver(), twin.sender(), twin.receiver());
    }

    private SessionAddress observe(Links links) throws IOException {
        ask(links.sender(), "put", Map.of("operation", "PUT", "resource", DESIRED), "");
        var observe = twins.await(device, TwinRequest.Observe.class);
        twins.send(new ObserveAnswered(observe.from(), observe.number(), 200));
        assertThat(client.next(links.receiver()).message().getCorrelationId()).isEqualTo("put");
        return observe.from();
    }

    /** The next that the client hears is an answer, whatever was sent before. */
    private void hears(Links links, String id) throws IOException {
        ask(links.sender(), id, Map.of("operation", "GET"), "");
        var get = twins.awaitGet(device, "s" + id);
        twins.send(new TwinAnswered(get.from(), get.requestId(), 200, Optional.empty(), "{}"));
        assertThat(client.next(links.receiver()).message().getCorrelationId()).isEqualTo(id);
    }

    private Delivery ask(Sender sender, @Nullable Object id, Map<String, Object> annotations, @Nullable String body)
            throws IOException {
        var message = Proton.message();
        message.setCorrelationId(id);
        var all = new HashMap<Symbol, Object>();
        annotations.forEach((name, value) -> all.put(Symbol.valueOf(name), value));
        message.setMessageAnnotations(new MessageAnnotations(all));
        if (body != null) {
            message.setBody(new Data(new Binary(bytes(body))));
        }
        return client.send(sender, 0, AmqpClient.encode(message));
    }

    private Object answer(Sender sender, @Nullable Object id, @Nullable Object status, String body) throws IOException {
        return client.outcome(client.send(sender, 0, AmqpClient.encode(answer(id, status, body))));
    }

    private static Message answer(@Nullable Object id, @Nullable Object status, String body) {
        var message = body(body);
        message.setCorrelationId(id);
        var properties = new HashMap<String, Object>();
        properties.put("IoThub-status", status);
        message.setApplicationProperties(new ApplicationProperties(properties));
        return message;
    }

    private Sender settlingSender(String name, String address) throws IOException {
        var sender = session.sender(name);
        sender.setSenderSettleMode(SenderSettleMode.SETTLED);
        var target = new Target();
        target.setAddress(address);
        sender.setTarget(target);
        sender.setSource(new Source());
        sender.open();
        client.await(() -> sender.getRemoteState() == EndpointState.ACTIVE);
        assertThat(sender.getRemoteSenderSettleMode()).isEqualTo(SenderSettleMode.SETTLED);
        return sender;
    }

    private String send(SessionAddress to, String body) {
        var lockToken = UUID.randomUUID().toString();
        commands.send(new MessageDelivered(to, message(lockToken, body)));
        return lockToken;
    }

    private static DeviceBoundMessage message(String lockToken, String body) {
        var now = Instant.now();
        return new DeviceBoundMessage(lockToken, 1, 0, now, now.plusSeconds(3600), MessageProperties.NONE, bytes(body));
    }

    private static MethodCalled call(SessionAddress session, String method, String payload) {
        var id = UUID.randomUUID().toString().replace("-", "");
        return new MethodCalled(session, id, 2, method, payload, Instant.now().plusSeconds(60));
    }

    private static Message body(String text) {
        var message = Proton.message();
        message.setBody(new Data(new Binary(bytes(text))));
        return message;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private static String rejection(Object outcome) {
        assertThat(outcome).isInstanceOf(Rejected.class);
        return ((Rejected) outcome).getError().getCondition().toString();
    }

    private static String events(String id) {
        return "/devices/" + id + "/messages/events";
    }

    private static String messages(String id) {
        return "/devices/" + id + "/messages/devicebound";
    }

    private static String calls(String id) {
        return "/devices/" + id + "/methods/devicebound";
    }

    private static String twin(String id) {
        return "/devices/" + id + "/twin";
    }

    private void bring(String id, SymmetricKeys theirs, long seconds) throws IOException {
        assertThat(client.putToken(session, token(id, theirs, seconds)).status())
                .isEqualTo(200);
    }

    private static String token(String id, SymmetricKeys keys, long seconds) {
        return SasToken.create(
                HOST + "/devices/" + id.replace("/", "/modules/"),
                keys.primary(),
                Instant.now().plusSeconds(seconds),
                Optional.empty());
    }

    private static void tell(RegistryEvent event) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                    Topic.REGISTRY.name(), event.identity().device().value(), HubJson.write(event)));
        }
    }

    private static void setting(Topic<?> topic, String name, String value) throws Exception {
        try (var admin = TestKafka.admin()) {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
            admin.incrementalAlterConfigs(Map.of(
                            resource,
                            List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            Awaitility.await().until(() -> admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get(name)
                    .value()
                    .equals(value));
        }
    }

    private static AmqpClient client() throws IOException {
        return AmqpClient.plain(Integer.parseInt(config("freehub.gateway.amqp.plain-port")));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
