package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.ConsumerGroup;
import io.freehub.model.EventClaim;
import io.freehub.model.EventHeaders;
import io.freehub.model.GatewayInstance;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageProperties.Application;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SystemProperty;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.message.Message;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events as clients of Event Hubs read them. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class EventHubIT {

    private static final String ENTITY = "freehub";
    private static final int PARTITION = 1;
    private static final String STOLEN = "amqp:link:stolen";
    private static final Symbol SELECTOR = Symbol.valueOf("apache.org:selector-filter:string");
    private static final Symbol EPOCH = Symbol.valueOf("com.microsoft:epoch");
    private static final Symbol TRACKING = Symbol.valueOf("com.microsoft:enable-receiver-runtime-metric");

    /** Of a gateway that only this test knows. */
    private static final GatewayInstance OTHER_GATEWAY = new GatewayInstance(77, 1);

    private static KafkaProducer<String, byte[]> producer;

    /** A consumer group of each test's own keeps its receivers apart. */
    private final String group = "g-" + UUID.randomUUID();

    private AmqpClient client;
    private Session session;
    private int links;

    @BeforeAll
    static void start() {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
    }

    @BeforeEach
    void connect() throws Exception {
        put(Topic.CONSUMER_GROUPS, ConsumerGroup.key(group), Optional.of(new ConsumerGroup(group, Instant.now())));
        client = client().open("ANONYMOUS");
        session = client.session();
        assertThat(client.putToken(session, token("sb://" + HOST + "/" + ENTITY))
                        .status())
                .isEqualTo(200);
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
        put(Topic.CONSUMER_GROUPS, ConsumerGroup.key(group), Optional.empty());
    }

    // Reading

    @Test
    void eventsComeWithAllThatIsKnownOfThem() throws Exception {
        var properties = new MessageProperties(
                Map.of(
                        SystemProperty.MESSAGE_ID, "m1",
                        SystemProperty.CONTENT_TYPE, "application/json",
                        SystemProperty.CONTENT_ENCODING, "utf-8",
                        SystemProperty.CONNECTION_DEVICE_ID, "d1",
                        SystemProperty.CONNECTION_AUTH_METHOD, "{\"scope\":\"device\"}",
                        SystemProperty.ENQUEUED_TIME, "2026-01-01T00:00:00.123Z",
                        SystemProperty.MESSAGE_SOURCE, "Telemetry"),
                List.of(
                        new Application("alert", Optional.of("true")),
                        new Application("iothub-connection-device-id", Optional.of("forged"))));
        long first = enqueue(properties, "{\"n\":1}");

        var receiver = receiver(from(first));
        assertThat(receiver.getRemoteSenderSettleMode()).isEqualTo(SenderSettleMode.SETTLED);
        receiver.flow(10);
        var event = next(receiver);

        var annotations = event.getMessageAnnotations().getValue();
        assertThat(annotations)
                .containsEntry(Symbol.valueOf("x-opt-sequence-number"), first)
                .containsEntry(Symbol.valueOf("x-opt-offset"), Long.toString(first))
                .containsEntry(Symbol.valueOf("iothub-connection-device-id"), "d1")
                .containsEntry(Symbol.valueOf("iothub-connection-auth-method"), "{\"scope\":\"device\"}")
                .containsEntry(Symbol.valueOf("iothub-enqueuedtime"), new Date(1_767_225_600_123L))
                .containsEntry(Symbol.valueOf("iothub-message-source"), "Telemetry");
        assertThat((Date) annotations.get(Symbol.valueOf("x-opt-enqueued-time")))
                .isBetween(Date.from(Instant.now().minusSeconds(60)), Date.from(Instant.now()));
        assertThat(event.getMessageId()).isEqualTo("m1");
        assertThat(event.getContentType()).isEqualTo("application/json");
        assertThat(event.getContentEncoding()).isEqualTo("utf-8");
        assertThat(event.getApplicationProperties().getValue())
                .isEqualTo(Map.of("alert", "true", "iothub-connection-device-id", "forged"));
        assertThat(event.getDeliveryAnnotations()).isNull();
        assertThat(text(event)).isEqualTo("{\"n\":1}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "freehub/ConsumerGroups/$Default/Partitions/1",
                "/FreeHub/consumergroups/$default/partitions/1",
                "amqps://hub.example.com:5671/freehub/ConsumerGroups/$Default/Partitions/1",
                "/messages/events/ConsumerGroups/$Default/Partitions/1"
            })
    void addressesOfOnePartitionReachIt(String address) throws Exception {
        long first = enqueue("x");
        var receiver = attach(address, new Request().filter(from(first)));
        receiver.flow(1);
        assertThat(sequenceNumber(next(receiver))).isEqualTo(first);
        end(receiver);
    }

    static Stream<Object> descriptors() {
        return Stream.of(
                SELECTOR, UnsignedLong.valueOf(0x468C00000004L), UnsignedLong.valueOf(0x137000000AL), "no descriptor");
    }

    @ParameterizedTest
    @MethodSource("descriptors")
    void filtersSayWhereToBegin(Object descriptor) throws Exception {
        long first = enqueue("0", "1", "2");
        long time = enqueuedTime(first);
        var starts = Map.of(
                "x-opt-offset > '" + first + "'", first + 1,
                "x-opt-offset >= '" + first + "'", first,
                "x-opt-offset > " + (first + 1), first + 2,
                "x-opt-sequence-number > '" + first + "'", first + 1,
                "x-opt-sequence-number >= " + (first + 2), first + 2);
        for (var start : starts.entrySet()) {
            var receiver = receiver(described(descriptor, start.getKey()));
            receiver.flow(1);
            assertThat(sequenceNumber(next(receiver))).as(start.getKey()).isEqualTo(start.getValue());
            end(receiver);
        }
        for (var field : List.of("x-opt-enqueued-time", "x-opt-enqueuedtimeutc")) {
            for (var operator : List.of("> '" + (time - 1) + "'", ">= " + time)) {
                var receiver = receiver(described(descriptor, field + " " + operator));
                receiver.flow(1);
                var event = next(receiver);
                assertThat(enqueuedTime(event)).as(operator).isGreaterThanOrEqualTo(time);
                assertThat(sequenceNumber(event)).as(operator).isLessThanOrEqualTo(first);
                end(receiver);
            }
        }
        for (var earliest : List.of("x-opt-offset > '-1'", "x-opt-offset > -1")) {
            var receiver = receiver(described(descriptor, earliest));
            receiver.flow(1);
            assertThat(sequenceNumber(next(receiver))).as(earliest).isZero();
            end(receiver);
        }
    }

    @Test
    void noFilterMeansTheOldest() throws Exception {
        enqueue("x");
        var receiver = attach(address(PARTITION), new Request());
        receiver.flow(1);
        assertThat(sequenceNumber(next(receiver))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'@latest'", "@latest"})
    void theLatestIsWhatComesAfterTheAttach(String latest) throws Exception {
        enqueue("before");
        var receiver = receiver(filter("x-opt-offset > " + latest));
        long next = enqueue("after");
        receiver.flow(5);
        assertThat(sequenceNumber(next(receiver))).isEqualTo(next);
    }

    @Test
    void filterThatSaysNothingIsRefused() throws Exception {
        for (var filter : List.of("x-opt-offset = '1'", "x-opt-color > '1'", "x-opt-offset > 'one'", "")) {
            var receiver = attach(address(PARTITION), new Request().filter(filter(filter)));
            assertThat(client.detached(receiver)).as(filter).isEqualTo("com.microsoft:argument-error");
            assertThat(receiver.getRemoteSource()).isNull();
        }
    }

    @Test
    void receiverGetsNoMoreThanItsCredit() throws Exception {
        long first = enqueue(20);
        var receiver = receiver(from(first));
        receiver.flow(3);
        assertThat(sequenceNumbers(receiver, 3)).containsExactly(first, first + 1, first + 2);
        // Another one gets all of them meanwhile.
        var other = receiver(from(first));
        other.flow(20);
        assertThat(sequenceNumbers(other, 20)).hasSize(20);
        assertThat(receiver.current()).isNull();

        receiver.flow(2);
        assertThat(sequenceNumbers(receiver, 2)).containsExactly(first + 3, first + 4);
        assertThat(receiver.current()).isNull();
    }

    @Test
    void creditIsGivenBackWhenItIsAskedFor() throws Exception {
        long last = enqueue("x");
        var receiver = receiver(filter("x-opt-offset > " + last));
        receiver.drain(10);
        client.await(() -> receiver.getRemoteCredit() == 0);
        long next = enqueue("y");
        receiver.setDrain(false);
        receiver.flow(1);
        assertThat(sequenceNumber(next(receiver))).isEqualTo(next);
    }

    @Test
    void manyLargeEventsComeInOrderAndASlowReaderHoldsUpNobody() throws Exception {
        int many = 3000;
        long first = enqueue(many, "x".repeat(2000));
        try (var slow = client().open("ANONYMOUS")) {
            var slowSession = slow.session();
            slow.putToken(slowSession, token("sb://" + HOST + "/" + ENTITY));
            var stuck = new Request().filter(from(first)).attach(slow, slowSession, address(PARTITION));
            stuck.flow(many);
            // Asks for all, and reads nothing of it.
            slow.write();

            var receiver = receiver(from(first));
            receiver.flow(many);
            assertThat(sequenceNumbers(receiver, many))
                    .containsExactlyElementsOf(
                            LongStream.range(first, first + many).boxed().toList());
        }
    }

    @Test
    void eventsOfAnySizeComeWhole() throws Exception {
        var body = "0123456789".repeat(25_000);
        long first = enqueue(body, "", "end");
        var receiver = receiver(from(first));
        receiver.flow(3);
        assertThat(text(next(receiver))).isEqualTo(body);
        assertThat(text(next(receiver))).isEmpty();
        assertThat(text(next(receiver))).isEqualTo("end");
    }

    @Test
    void readerThatComesBackMissesAndRepeatsNothing() throws Exception {
        long first = enqueue(10);
        var receiver = receiver(from(first));
        receiver.flow(4);
        var seen = new ArrayList<>(sequenceNumbers(receiver, 4));
        end(receiver);

        var again = receiver(filter("x-opt-sequence-number > '" + seen.getLast() + "'"));
        again.flow(6);
        seen.addAll(sequenceNumbers(again, 6));
        assertThat(seen)
                .containsExactlyElementsOf(
                        LongStream.range(first, first + 10).boxed().toList());
    }

    @Test
    void whoWantsItHearsWhatStandsLast() throws Exception {
        long first = enqueue(3);
        var receiver =
                attach(address(PARTITION), new Request().filter(from(first)).tracked());
        assertThat(receiver.getRemoteOfferedCapabilities()).containsExactly(TRACKING);
        receiver.flow(1);
        var annotations = next(receiver).getDeliveryAnnotations().getValue();
        assertThat(annotations)
                .containsEntry(Symbol.valueOf("last_enqueued_sequence_number"), first + 2)
                .containsEntry(Symbol.valueOf("last_enqueued_offset"), Long.toString(first + 2))
                .containsEntry(Symbol.valueOf("last_enqueued_time_utc"), new Date(enqueuedTime(first + 2)))
                .containsOnlyKeys(
                        Symbol.valueOf("last_enqueued_sequence_number"),
                        Symbol.valueOf("last_enqueued_offset"),
                        Symbol.valueOf("last_enqueued_time_utc"),
                        Symbol.valueOf("runtime_info_retrieval_time_utc"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/$servicebus/websocket", "/$servicebus/websocket/", "https://" + HOST + "/$servicebus/websocket"
            })
    void webSocketsCarryTheSame(String path) throws Exception {
        try (var socket = RawWebSocket.open(port("freehub.gateway.https.port"), path, "AMQPWSB10")) {
            assertThat(socket.answer()).contains(" 101 ").contains("AMQPWSB10");
            var over = AmqpClient.over(socket).open("MSSBCBS");
            var itsSession = over.session();
            over.putToken(itsSession, token("amqps://" + HOST + "/" + ENTITY));
            long first = enqueue(500);
            var receiver = new Request().filter(from(first)).attach(over, itsSession, address(PARTITION));
            receiver.flow(500);
            for (long number = first; number < first + 500; number++) {
                assertThat(sequenceNumber(next(over, receiver))).isEqualTo(number);
            }
        }
    }

    // Who may

    @Test
    void unknownPlacesAreRefusedAfterTheAttach() throws Exception {
        for (var address : List.of(
                address(99),
                ENTITY + "/ConsumerGroups/" + group + "/Partitions/x",
                ENTITY + "/ConsumerGroups/nobody/Partitions/1")) {
            var receiver = attach(address, new Request());
            assertThat(client.detached(receiver)).as(address).isEqualTo("amqp:not-found");
            assertThat(receiver.getRemoteCondition().getDescription())
                    .matches("The messaging entity '.*' could not be found\\.");
            assertThat(receiver.getRemoteSource()).isNull();
        }
        assertThat(client.putToken(session, token(HOST)).status()).isEqualTo(200);
        var receiver = attach("other/ConsumerGroups/$Default/Partitions/1", new Request());
        assertThat(client.detached(receiver)).isEqualTo("amqp:not-found");
    }

    @Test
    void groupThatWasMadeAMomentAgoIsWaitedFor() throws Exception {
        var young = "young-" + UUID.randomUUID();
        var receiver = new Request().begin(session, ENTITY + "/ConsumerGroups/" + young + "/Partitions/1", "young");
        client.write();
        put(Topic.CONSUMER_GROUPS, ConsumerGroup.key(young), Optional.of(new ConsumerGroup(young, Instant.now())));
        client.await(() -> receiver.getRemoteState() == EndpointState.ACTIVE && receiver.getRemoteSource() != null);
    }

    @Test
    void receiversOfADeletedGroupEnd() throws Exception {
        var receiver = receiver(from(0));
        receiver.flow(1);
        put(Topic.CONSUMER_GROUPS, ConsumerGroup.key(group), Optional.empty());
        assertThat(client.detached(receiver)).isEqualTo("amqp:not-found");
    }

    @Test
    void keysSignByTheirTextAndByWhatItStandsFor() throws Exception {
        try (var other = client().open("ANONYMOUS")) {
            var itsSession = other.session();
            var byBytes = SasToken.create(
                    HOST + "/" + ENTITY, key("service"), Instant.now().plusSeconds(600), Optional.of("service"));
            assertThat(other.putToken(itsSession, byBytes).status()).isEqualTo(200);
            assertThat(new Request()
                            .attach(other, itsSession, address(PARTITION))
                            .getRemoteSource())
                    .isNotNull();
        }
        try (var other = client().open("ANONYMOUS")) {
            var itsSession = other.session();
            assertThat(other.putToken(itsSession, signed(HOST, "service", "not the key", 600))
                            .status())
                    .isEqualTo(401);
            assertThat(other.detached(new Request().attach(other, itsSession, address(PARTITION))))
                    .isEqualTo("amqp:unauthorized-access");
        }
    }

    @Test
    void tokenOpensWhatItIsForAndNothingElse() throws Exception {
        try (var other = client().open("ANONYMOUS")) {
            var itsSession = other.session();
            assertThat(other.putToken(itsSession, token("amqp://" + HOST + "/" + address(0)))
                            .status())
                    .isEqualTo(200);
            assertThat(new Request().attach(other, itsSession, address(0)).getRemoteSource())
                    .isNotNull();
            assertThat(other.detached(new Request().attach(other, itsSession, address(1))))
                    .isEqualTo("amqp:unauthorized-access");
            other.putToken(itsSession, token("sb://" + HOST + ":5671/" + ENTITY));
            assertThat(new Request().attach(other, itsSession, address(1)).getRemoteSource())
                    .isNotNull();
        }
    }

    @Test
    void policyMustLetItsBearersConnectAsAService() throws Exception {
        try (var other = client().open("ANONYMOUS")) {
            var itsSession = other.session();
            other.putToken(
                    itsSession,
                    signed(
                            "sb://" + HOST + "/" + ENTITY,
                            "device",
                            key("device").base64(),
                            600));
            assertThat(other.detached(new Request().attach(other, itsSession, address(PARTITION))))
                    .isEqualTo("amqp:unauthorized-access");
            var answer = ask(
                    other,
                    itsSession,
                    "m",
                    Map.of(
                            "operation",
                            "READ",
                            "name",
                            ENTITY,
                            "type",
                            "com.microsoft:eventhub",
                            "security_token",
                            signed(
                                    "sb://" + HOST + "/" + ENTITY,
                                    "device",
                                    key("device").base64(),
                                    600)));
            assertThat(status(answer)).isEqualTo(401);
        }
    }

    @Test
    void receiversEndWithTheirTokenUnlessItIsRenewed() throws Exception {
        // Five minutes are allowed for clocks that differ.
        long soon = -297;
        try (var other = client().open("ANONYMOUS")) {
            var itsSession = other.session();
            var resource = "sb://" + HOST + "/" + address(PARTITION);
            other.putToken(
                    itsSession, signed(resource, "service", key("service").base64(), soon));
            var renewed = "sb://" + HOST + "/" + address(0);
            other.putToken(itsSession, signed(renewed, "service", key("service").base64(), soon));
            var ends = new Request().attach(other, itsSession, address(PARTITION));
            var stays = new Request().filter(filter("x-opt-offset > @latest")).attach(other, itsSession, address(0));
            other.putToken(itsSession, token(renewed));

            assertThat(other.detached(ends)).isEqualTo("amqp:unauthorized-access");

            var sent = producer.send(new ProducerRecord<>(Topic.EVENTS.name(), 0, "d", new byte[0]));
            stays.flow(1);
            assertThat(sequenceNumber(next(other, stays))).isEqualTo(sent.get().offset());
        }
    }

    // Epochs

    @Test
    void equalOrHigherEpochsDisplaceAndLowerOnesAreRefused() throws Exception {
        var zero = attach(address(PARTITION), new Request().epoch(0).named("zero"));
        var again = attach(address(PARTITION), new Request().epoch(0).named("again"));
        assertThat(client.detached(zero)).isEqualTo(STOLEN);
        assertThat(zero.getRemoteCondition().getDescription())
                .isEqualTo("New receiver 'again' with higher epoch of '0' is created hence current receiver 'zero' with"
                        + " epoch '0' is getting disconnected. If you are recreating the receiver, make sure a higher epoch"
                        + " is used.");
        var two = attach(address(PARTITION), new Request().epoch(2));
        assertThat(client.detached(again)).isEqualTo(STOLEN);

        var one = attach(address(PARTITION), new Request().epoch(1));
        assertThat(client.detached(one)).isEqualTo(STOLEN);
        assertThat(one.getRemoteSource()).isNull();
        var none = attach(address(PARTITION), new Request());
        assertThat(client.detached(none)).isEqualTo(STOLEN);
        assertThat(none.getRemoteCondition().getDescription())
                .startsWith("At least one receiver for the endpoint is created with epoch of '2'");

        // Another partition is another matter, and so is what follows the end of the epoch.
        assertThat(attach(address(0), new Request()).getRemoteSource()).isNotNull();
        end(two);
        Awaitility.await()
                .until(() -> attach(address(PARTITION), new Request()).getRemoteState() == EndpointState.ACTIVE);
    }

    @Test
    void fiveReadersWithoutEpochAreAsManyAsMayBe() throws Exception {
        var readers = new ArrayList<Receiver>();
        for (int n = 0; n < 5; n++) {
            readers.add(attach(address(PARTITION), new Request().named("reader-" + n)));
        }
        var sixth = attach(address(PARTITION), new Request());
        assertThat(client.detached(sixth)).isEqualTo("amqp:resource-limit-exceeded");
        assertThat(sixth.getRemoteCondition().getDescription())
                .startsWith(
                        "Exceeded the maximum number of allowed receivers per partition in a consumer group which is 5")
                .contains("reader-0, reader-1");
        assertThat(sixth.getRemoteSource()).isNull();

        attach(address(PARTITION), new Request().epoch(7));
        for (var reader : readers) {
            assertThat(client.detached(reader)).isEqualTo(STOLEN);
        }
    }

    @Test
    void placesOfReadersOfALostConnectionAreFree() throws Exception {
        try (var other = client().open("ANONYMOUS")) {
            var itsSession = other.session();
            other.putToken(itsSession, token("sb://" + HOST + "/" + ENTITY));
            new Request().epoch(9).attach(other, itsSession, address(PARTITION));
        }
        Awaitility.await()
                .until(() -> attach(address(PARTITION), new Request()).getRemoteState() == EndpointState.ACTIVE);
    }

    @Test
    void epochsHoldAcrossGateways() throws Exception {
        beat(OTHER_GATEWAY);
        var elsewhere = claimElsewhere(OTHER_GATEWAY, Optional.of(5L));
        assertThat(client.detached(attach(address(PARTITION), new Request().epoch(4))))
                .isEqualTo(STOLEN);
        assertThat(client.detached(attach(address(PARTITION), new Request()))).isEqualTo(STOLEN);
        var here = attach(address(PARTITION), new Request().epoch(5));
        assertThat(here.getRemoteSource()).isNotNull();

        put(Topic.EVENT_CLAIMS, elsewhere.key(), Optional.empty());
        claimElsewhere(OTHER_GATEWAY, Optional.of(6L));
        assertThat(client.detached(here)).isEqualTo(STOLEN);
    }

    @Test
    void gatewayThatBeganAnewStandsInNobodysWay() throws Exception {
        var before = new GatewayInstance(78, 1);
        beat(before);
        claimElsewhere(before, Optional.of(5L));
        assertThat(client.detached(attach(address(PARTITION), new Request()))).isEqualTo(STOLEN);
        beat(new GatewayInstance(78, 2));
        Awaitility.await()
                .until(() -> attach(address(PARTITION), new Request()).getRemoteState() == EndpointState.ACTIVE);
    }

    @Test
    void gatewayThatFellSilentStandsInNobodysWay() throws Exception {
        var silent = new GatewayInstance(79, 1);
        var claim = claimElsewhere(silent, Optional.of(5L));
        assertThat(client.detached(attach(address(PARTITION), new Request()))).isEqualTo(STOLEN);
        try (var claims = TopicReader.fromNow(Topic.EVENT_CLAIMS.name())) {
            Awaitility.await()
                    .until(() -> attach(address(PARTITION), new Request()).getRemoteState() == EndpointState.ACTIVE);
            assertThat(claims.readToEnd()).anySatisfy(record -> {
                assertThat(record.key()).isEqualTo(claim.key());
                assertThat(record.value()).isNull();
            });
        }
    }

    @Test
    void readerThatAnotherGatewayTookForGoneEnds() throws Exception {
        var receiver = attach(address(PARTITION), new Request().named("gone-" + group));
        try (var claims = TopicReader.fromStart(Topic.EVENT_CLAIMS.name())) {
            var claim = claims.readToEnd().stream()
                    .filter(record -> record.key().startsWith(group.toLowerCase() + "/"))
                    .findFirst()
                    .orElseThrow();
            put(Topic.EVENT_CLAIMS, claim.key(), Optional.empty());
        }
        assertThat(client.detached(receiver)).isEqualTo("amqp:link:detach-forced");
    }

    // Management

    @Test
    void hubTellsOfItsPartitions() throws Exception {
        try (var other = client().open("ANONYMOUS")) {
            for (Object id : List.of("text", UnsignedLong.valueOf(7), UUID.randomUUID())) {
                var answer = ask(other, other.session(), id, question(Map.of("type", "com.microsoft:eventhub")));
                assertThat(answer.getCorrelationId()).isEqualTo(id);
                assertThat(answer.getAddress()).isEqualTo("reply-here");
                assertThat(status(answer)).isEqualTo(200);
                var body = (Map<?, ?>) ((AmqpValue) answer.getBody()).getValue();
                assertThat(body.get("name")).isEqualTo(ENTITY);
                assertThat(body.get("type")).isEqualTo("com.microsoft:eventhub");
                assertThat(body.get("created_at")).isInstanceOf(Date.class);
                assertThat(body.get("partition_count")).isEqualTo(4);
                assertThat(body.get("partition_ids")).isEqualTo(new String[] {"0", "1", "2", "3"});
            }
        }
    }

    @Test
    void hubTellsWhatAPartitionHolds() throws Exception {
        long last = enqueue("x");
        var answer = ask(
                client, session, "m", question(Map.of("type", "com.microsoft:partition", "partition", "" + PARTITION)));
        assertThat(status(answer)).isEqualTo(200);
        assertThat(((AmqpValue) answer.getBody()).getValue())
                .isEqualTo(Map.of(
                        "name",
                        ENTITY,
                        "type",
                        "com.microsoft:partition",
                        "partition",
                        "" + PARTITION,
                        "begin_sequence_number",
                        0L,
                        "last_enqueued_sequence_number",
                        last,
                        "last_enqueued_offset",
                        Long.toString(last),
                        "last_enqueued_time_utc",
                        new Date(enqueuedTime(last)),
                        "is_partition_empty",
                        false));
    }

    @Test
    void wrongQuestionsAreAnsweredToo() throws Exception {
        var questions = Map.of(
                question(Map.of("type", "com.microsoft:eventhub", "name", "other")), 404,
                question(Map.of("type", "com.microsoft:partition", "partition", "99")), 404,
                question(Map.of("type", "com.microsoft:partition")), 404,
                question(Map.of("type", "com.microsoft:color")), 400,
                question(Map.of("type", "com.microsoft:eventhub", "operation", "WRITE")), 400,
                question(Map.of("type", "com.microsoft:eventhub", "security_token", "")), 401,
                question(Map.of("type", "com.microsoft:eventhub", "security_token", token("sb://elsewhere/" + ENTITY))),
                        401,
                question(Map.of(
                                "type",
                                "com.microsoft:eventhub",
                                "security_token",
                                token("sb://" + HOST + "/" + ENTITY + "/ConsumerGroups"))),
                        401);
        for (var question : questions.entrySet()) {
            var answer = ask(client, session, "m", question.getKey());
            assertThat(status(answer)).as(question.getKey().toString()).isEqualTo(question.getValue());
            assertThat((String) answer.getApplicationProperties().getValue().get("status-description"))
                    .isNotEmpty();
        }
    }

    @Test
    void tokensAreAnsweredWithTheIdOfTheirRequest() throws Exception {
        for (Object id : List.of("text", UnsignedLong.valueOf(1))) {
            assertThat(client.putToken(session, token(HOST), id, "servicebus.windows.net:sastoken")
                            .correlationId())
                    .isEqualTo(id);
        }
    }

    // The old way in

    @Test
    void whoComesTheOldWayIsSentTheNewOne() throws Exception {
        try (var old = client()) {
            assertThat(old.open(
                            "service@sas.root.hub",
                            SasToken.create(
                                    HOST + "/messages/events",
                                    key("service"),
                                    Instant.now().plusSeconds(600),
                                    Optional.of("service"))))
                    .isTrue();
            var itsSession = old.session();
            var suffixes = Map.of(
                    "/messages/events/$management",
                    "$management",
                    "amqps://" + HOST + "/messages/events/ConsumerGroups/$Default/Partitions/1",
                    "ConsumerGroups/$Default/Partitions/1",
                    "/messages/events/",
                    "");
            for (var suffix : suffixes.entrySet()) {
                var receiver = new Request().attach(old, itsSession, suffix.getKey());
                assertThat(old.detached(receiver)).isEqualTo("amqp:link:redirect");
                assertThat(receiver.getRemoteSource()).isNotNull();
                int port = port("freehub.gateway.amqp.port");
                assertThat(receiver.getRemoteCondition().getInfo())
                        .isEqualTo(Map.of(
                                Symbol.valueOf("hostname"), HOST,
                                Symbol.valueOf("network-host"), HOST,
                                Symbol.valueOf("port"), port,
                                Symbol.valueOf("address"),
                                        "amqps://" + HOST + ":" + port + "/" + ENTITY + "/" + suffix.getValue()));
            }
        }
        var receiver = attach("/messages/events/$management", new Request());
        assertThat(client.detached(receiver)).isEqualTo("amqp:link:redirect");
    }

    @Test
    void theNewWayIsOpenToWhoComesWithAToken() throws Exception {
        long first = enqueue("x");
        try (var other = client()) {
            other.open(
                    "service@sas.root.hub",
                    SasToken.create(HOST, key("service"), Instant.now().plusSeconds(600), Optional.of("service")));
            var itsSession = other.session();
            var receiver = new Request().filter(from(first)).attach(other, itsSession, address(PARTITION));
            receiver.flow(1);
            assertThat(sequenceNumber(next(other, receiver))).isEqualTo(first);
            assertThat(status(ask(
                            other,
                            itsSession,
                            ENTITY + "/$management",
                            "m",
                            question(Map.of("type", "com.microsoft:eventhub")))))
                    .isEqualTo(200);
        }
    }

    // What clients do

    /** How a client asks for events. */
    private static final class Request {

        private final Map<Symbol, Object> properties = new HashMap<>();
        private Optional<Object> filter = Optional.empty();
        private Symbol[] desired = {};

        private Request filter(Object value) {
            filter = Optional.of(value);
            return this;
        }

        private Request epoch(long value) {
            properties.put(EPOCH, value);
            return this;
        }

        private Request named(String name) {
            properties.put(Symbol.valueOf("com.microsoft:receiver-name"), name);
            return this;
        }

        private Request tracked() {
            desired = new Symbol[] {TRACKING};
            return this;
        }

        private Receiver begin(Session session, String address, String name) {
            var receiver = session.receiver(name);
            var source = new Source();
            source.setAddress(address);
            filter.ifPresent(value -> source.setFilter(Map.of(SELECTOR, value)));
            receiver.setSource(source);
            receiver.setTarget(new Target());
            receiver.setProperties(properties);
            receiver.setDesiredCapabilities(desired);
            receiver.setReceiverSettleMode(ReceiverSettleMode.SECOND);
            receiver.open();
            return receiver;
        }

        private Receiver attach(AmqpClient client, Session session, String address) throws IOException {
            var receiver = begin(session, address, UUID.randomUUID().toString());
            client.await(() -> receiver.getRemoteState() == EndpointState.CLOSED
                    || receiver.getRemoteState() == EndpointState.ACTIVE && receiver.getRemoteSource() != null);
            return receiver;
        }
    }

    private Receiver attach(String address, Request request) throws IOException {
        return request.attach(client, session, address);
    }

    private Receiver receiver(Object filter) throws IOException {
        return attach(address(PARTITION), new Request().filter(filter));
    }

    private void end(Receiver receiver) throws IOException {
        receiver.close();
        client.await(() -> receiver.getRemoteState() == EndpointState.CLOSED);
        receiver.free();
    }

    private String address(int partition) {
        return ENTITY + "/ConsumerGroups/" + group + "/Partitions/" + partition;
    }

    private static Object from(long offset) {
        return filter("x-opt-offset >= '" + offset + "'");
    }

    private static Object filter(String condition) {
        return described(SELECTOR, condition);
    }

    private static Object described(Object descriptor, String condition) {
        var text = condition.isEmpty() ? "" : "amqp.annotation." + condition;
        return descriptor instanceof String ? text : new UnknownDescribedType(descriptor, text);
    }

    private Message next(Receiver receiver) throws IOException {
        return next(client, receiver);
    }

    private static Message next(AmqpClient client, Receiver receiver) throws IOException {
        client.await(() -> receiver.current() != null && !receiver.current().isPartial());
        var delivery = receiver.current();
        assertThat(delivery.remotelySettled()).isTrue();
        var bytes = new byte[delivery.available()];
        receiver.recv(bytes, 0, bytes.length);
        receiver.advance();
        delivery.settle();
        var message = Proton.message();
        message.decode(bytes, 0, bytes.length);
        return message;
    }

    private List<Long> sequenceNumbers(Receiver receiver, int count) throws IOException {
        var numbers = new ArrayList<Long>();
        while (numbers.size() < count) {
            numbers.add(sequenceNumber(next(receiver)));
        }
        return numbers;
    }

    private static long sequenceNumber(Message event) {
        return (long) event.getMessageAnnotations().getValue().get(Symbol.valueOf("x-opt-sequence-number"));
    }

    private static long enqueuedTime(Message event) {
        return ((Date) event.getMessageAnnotations().getValue().get(Symbol.valueOf("x-opt-enqueued-time"))).getTime();
    }

    private long enqueuedTime(long sequenceNumber) throws IOException {
        var receiver = receiver(from(sequenceNumber));
        receiver.flow(1);
        long time = enqueuedTime(next(receiver));
        end(receiver);
        return time;
    }

    private static String text(Message event) {
        return new String(((Data) event.getBody()).getValue().getArray(), StandardCharsets.UTF_8);
    }

    private static Map<String, Object> question(Map<String, Object> more) {
        var question = new HashMap<String, Object>(
                Map.of("operation", "READ", "name", ENTITY, "security_token", token("amqp://" + HOST + "/" + ENTITY)));
        question.putAll(more);
        return question;
    }

    private Message ask(AmqpClient asking, Session on, Object id, Map<String, Object> question) throws IOException {
        return ask(asking, on, "$management", id, question);
    }

    private Message ask(AmqpClient asking, Session on, String address, Object id, Map<String, Object> question)
            throws IOException {
        var sender = asking.sender(on, "ask-" + links++, address);
        var receiver = asking.receiver(on, "hear-" + links++, address);
        receiver.flow(1);
        var request = Proton.message();
        request.setMessageId(id);
        request.setReplyTo("reply-here");
        request.setApplicationProperties(new ApplicationProperties(question));
        asking.send(sender, 0, AmqpClient.encode(request));
        asking.await(() -> receiver.current() != null && !receiver.current().isPartial());
        var delivery = receiver.current();
        var bytes = new byte[delivery.available()];
        receiver.recv(bytes, 0, bytes.length);
        receiver.advance();
        delivery.settle();
        var answer = Proton.message();
        answer.decode(bytes, 0, bytes.length);
        close(asking, sender, receiver);
        return answer;
    }

    private static void close(AmqpClient asking, Sender sender, Receiver receiver) throws IOException {
        sender.close();
        receiver.close();
        asking.await(() ->
                sender.getRemoteState() == EndpointState.CLOSED && receiver.getRemoteState() == EndpointState.CLOSED);
        sender.free();
        receiver.free();
    }

    private static Object status(Message answer) {
        return answer.getApplicationProperties().getValue().get("status-code");
    }

    // What stands in Kafka

    private static long enqueue(String... bodies) throws Exception {
        var sent = new ArrayList<Future<RecordMetadata>>();
        for (var body : bodies) {
            sent.add(producer.send(
                    new ProducerRecord<>(Topic.EVENTS.name(), PARTITION, "d1", body.getBytes(StandardCharsets.UTF_8))));
        }
        long first = sent.getFirst().get().offset();
        sent.getLast().get();
        return first;
    }

    private static long enqueue(int count) throws Exception {
        return enqueue(count, "x");
    }

    private static long enqueue(int count, String body) throws Exception {
        return enqueue(Stream.generate(() -> body).limit(count).toArray(String[]::new));
    }

    private static long enqueue(MessageProperties properties, String body) throws Exception {
        var headers = new RecordHeaders();
        EventHeaders.write(properties, headers::add);
        return producer.send(new ProducerRecord<>(
                        Topic.EVENTS.name(), PARTITION, "d1", body.getBytes(StandardCharsets.UTF_8), headers))
                .get()
                .offset();
    }

    private static void put(Topic<?> topic, String key, Optional<Object> value) throws Exception {
        producer.send(new ProducerRecord<>(
                        topic.name(), 0, key, value.map(HubJson::write).orElse(null)))
                .get();
    }

    private static void beat(GatewayInstance gateway) throws Exception {
        var alive = new EventClaim.Alive(gateway, Instant.now());
        put(Topic.EVENT_CLAIMS, alive.key(), Optional.of(alive));
    }

    private EventClaim.Made claimElsewhere(GatewayInstance gateway, Optional<Long> epoch) throws Exception {
        var claim = new EventClaim.Made(
                UUID.randomUUID().toString(), group, PARTITION, "elsewhere", epoch, gateway, Instant.now());
        put(Topic.EVENT_CLAIMS, claim.key(), Optional.of(claim));
        return claim;
    }

    private static String token(String resource) {
        return signed(resource, "service", key("service").base64(), 600);
    }

    /** As the SDKs of Event Hubs sign. */
    private static String signed(String resource, String policy, String key, long seconds) {
        try {
            var encoded = URLEncoder.encode(resource, StandardCharsets.UTF_8);
            long expiry = Instant.now().plusSeconds(seconds).getEpochSecond();
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            var signature = Base64.getEncoder()
                    .encodeToString(mac.doFinal((encoded + "\n" + expiry).getBytes(StandardCharsets.UTF_8)));
            return "SharedAccessSignature sr=%s&sig=%s&se=%d&skn=%s"
                    .formatted(encoded, URLEncoder.encode(signature, StandardCharsets.UTF_8), expiry, policy);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SymmetricKey key(String policy) {
        return new SymmetricKey(
                config(policy.equals("service") ? GatewayResource.SERVICE_KEY : GatewayResource.POLICY_KEY));
    }

    private static AmqpClient client() throws IOException {
        return AmqpClient.plain(port("freehub.gateway.amqp.plain-port"));
    }

    private static int port(String key) {
        return Integer.parseInt(config(key));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
