package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Authentication;
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
import io.freehub.testing.TestAuthority;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.message.Message;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class AmqpGatewayIT {

    private static final int BATCH = 0x80013700;
    private static final String AMQP = "414d515000010000";
    private static final String SASL = "414d515003010000";

    private static FakeRegistry registry;
    private static TopicReader telemetry;
    private static TopicReader connections;

    private final String device = "a-" + UUID.randomUUID();
    private SymmetricKeys keys;

    @BeforeAll
    static void start() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        telemetry = TopicReader.fromNow(Topic.TELEMETRY.name());
        connections = TopicReader.fromStart(Topic.CONNECTIONS.name());
    }

    @AfterAll
    static void stop() {
        telemetry.close();
        connections.close();
        registry.stop();
    }

    @BeforeEach
    void register() {
        keys = registry.add(device);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ANONYMOUS", "MSSBCBS"})
    void messageIsInKafkaWhenItIsAccepted(String mechanism) throws IOException {
        try (var client = client().open(mechanism)) {
            var session = client.session();
            client.putToken(session, validToken());
            var sender = client.sender(session, "TelemetrySenderLink", events(device));
            assertThat(sender.getRemoteMaxMessageSize()).isEqualTo(UnsignedLong.valueOf(262144));

            var sent = client.send(sender, 0, AmqpClient.encode(message()));
            assertThat(client.outcome(sent)).isInstanceOf(Accepted.class);

            var stored = telemetry.readToEnd().stream().filter(isFrom(device)).toList();
            assertThat(stored).hasSize(1);
            assertThat(TopicReader.text(stored.getFirst())).isEqualTo("{\"t\":1}");
            assertThat(properties(stored.getFirst()).system())
                    .isEqualTo(Map.of(
                            SystemProperty.MESSAGE_ID, "7d9c7cf5-4d3e-4f5a-8f0a-0d6a4d3b2f11",
                            SystemProperty.CORRELATION_ID, "run 1",
                            SystemProperty.CONTENT_TYPE, "application/json",
                            SystemProperty.CONTENT_ENCODING, "utf-8",
                            SystemProperty.SUBJECT, "thermostat",
                            SystemProperty.CONNECTION_AUTH_METHOD,
                                    "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}",
                            SystemProperty.CONNECTION_AUTH_GENERATION_ID, "g-" + device));
            assertThat(properties(stored.getFirst()).application())
                    .containsExactlyInAnyOrder(
                            new Application("alert", Optional.of("true")),
                            new Application("count", Optional.of("7")),
                            new Application("at", Optional.of("2026-01-01T00:00:00Z")),
                            new Application("nothing", Optional.empty()));
        }
        connections.await(record ->
                record.key().equals(device) && TopicReader.text(record).contains("Opened"));
        connections.await(record ->
                record.key().equals(device) && TopicReader.text(record).contains("Closed"));
    }

    private static Message message() {
        var message = Proton.message();
        message.setMessageId(UUID.fromString("7d9c7cf5-4d3e-4f5a-8f0a-0d6a4d3b2f11"));
        message.setCorrelationId("run 1");
        message.setContentType("application/json");
        message.setContentEncoding("utf-8");
        message.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf("dt-subject"), "thermostat")));
        var properties = new HashMap<String, Object>(Map.of(
                "alert",
                true,
                "count",
                7,
                "at",
                new Date(1767225600000L),
                "iothub-connection-device-id",
                "somebody-else"));
        properties.put("nothing", null);
        message.setApplicationProperties(new ApplicationProperties(properties));
        message.setBody(data("{\"t\":1}"));
        return message;
    }

    static Stream<Object> ids() {
        return Stream.of(UUID.randomUUID(), "a text", UnsignedLong.valueOf(17));
    }

    @ParameterizedTest
    @MethodSource("ids")
    void answerToATokenRepeatsTheTypeOfTheIdAndComesAfterTheRequestIsSettled(Object id) throws IOException {
        try (var client = client().open()) {
            var answer = client.putToken(client.session(), validToken(), id, "azure-devices.net:sastoken");

            assertThat(answer).isEqualTo(new AmqpClient.Answer(id, 200, "OK", true));
        }
    }

    @Test
    void tokenCountsByItsOwnWordsHoweverTheyAreWritten() throws Exception {
        try (var client = client().open()) {
            var session = client.session();
            // As the Java SDK writes it: fields in another order, slashes as they are.
            var resource = HOST.toUpperCase() + "/devices/" + device;
            long expiry = Instant.now().plusSeconds(600).getEpochSecond();
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keys.secondary().bytes(), "HmacSHA256"));
            var signature = Base64.getEncoder()
                    .encodeToString(mac.doFinal((resource + "\n" + expiry).getBytes(StandardCharsets.UTF_8)));
            var token = "SharedAccessSignature sig=" + URLEncoder.encode(signature, StandardCharsets.UTF_8) + "&se="
                    + expiry + "&sr=" + resource;

            assertThat(client.putToken(session, token).status()).isEqualTo(200);
            accepts(client, client.sender(session, "a", events(device)));
            accepts(
                    client,
                    client.sender(session, "b", "amqps://" + HOST + ":5671/Devices/" + device + "/Messages/events/"));
        }
    }

    @Test
    void wrongTokensAreAnsweredAndOpenNothing() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            assertThat(client.putToken(session, "SharedAccessSignature sr=x").status())
                    .isEqualTo(400);
            assertThat(client.putToken(session, "Bearer x").status()).isEqualTo(401);
            assertThat(client.putToken(
                                    session,
                                    token(
                                            device,
                                            SymmetricKey.generate(),
                                            Instant.now().plusSeconds(60)))
                            .status())
                    .isEqualTo(401);
            assertThat(client.putToken(
                                    session,
                                    token(
                                            "nobody",
                                            keys.primary(),
                                            Instant.now().plusSeconds(60)))
                            .status())
                    .isEqualTo(401);

            var refused = client.sender(session, "t", events(device));
            assertThat(client.detached(refused)).isEqualTo("amqp:unauthorized-access");
            assertThat(refused.getRemoteTarget()).isNull();
            // The connection goes on.
            assertThat(client.putToken(session, validToken()).status()).isEqualTo(200);
            accepts(client, client.sender(session, "t2", events(device)));
        }
    }

    @Test
    void tokenOfAPolicyOpensForEveryDevice() throws IOException {
        var other = device + "-b";
        registry.add(other);
        var key = new SymmetricKey(config(GatewayResource.POLICY_KEY));
        try (var client = client().open()) {
            var session = client.session();
            var token = SasToken.create(HOST, key, Instant.now().plusSeconds(600), Optional.of("device"));
            assertThat(client.putToken(session, token).status()).isEqualTo(200);

            accepts(client, client.sender(session, "a", events(device)));
            accepts(client, client.sender(session, "b", events(other)));
            assertThat(client.detached(client.sender(session, "c", events("nobody"))))
                    .isEqualTo("amqp:not-found");
        }
    }

    @Test
    void tokenOfAModuleOpensItsLinksAndNotTheDevices() throws IOException {
        var module = device + "/m1";
        var moduleKeys = registry.add(module);
        try (var client = client().open()) {
            var session = client.session();
            var token = SasToken.create(
                    HOST + "/devices/" + device + "/modules/m1",
                    moduleKeys.primary(),
                    Instant.now().plusSeconds(600),
                    Optional.empty());
            assertThat(client.putToken(session, token).status()).isEqualTo(200);

            accepts(client, client.sender(session, "a", "/devices/" + device + "/modules/m1/messages/events"));
            assertThat(client.receiver(session, "in", "/devices/" + device + "/modules/m1/messages/events")
                            .getRemoteState())
                    .isEqualTo(EndpointState.ACTIVE);
            assertThat(client.detached(client.sender(session, "b", events(device))))
                    .isEqualTo("amqp:unauthorized-access");
        }
        var stored = telemetry.await(isFrom(device));
        assertThat(properties(stored).system()).containsEntry(SystemProperty.CONNECTION_MODULE_ID, "m1");
    }

    @Test
    void idsMayBeEncodedInAddresses() throws IOException {
        var odd = "50%25#" + device;
        var oddKeys = registry.add(odd);
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(
                    session,
                    SasToken.create(
                            HOST + "/devices/" + URLEncoder.encode(odd, StandardCharsets.UTF_8),
                            oddKeys.primary(),
                            Instant.now().plusSeconds(600),
                            Optional.empty()));
            accepts(client, client.sender(session, "raw", "/devices/" + odd + "/messages/events"));
            accepts(
                    client,
                    client.sender(
                            session,
                            "encoded",
                            "/devices/" + URLEncoder.encode(odd, StandardCharsets.UTF_8) + "/messages/events"));
        }
    }

    @Test
    void plainBringsOneTokenForTheConnection() throws IOException {
        try (var client = client()) {
            assertThat(client.open(device + "@sas.hub", validToken())).isTrue();
            accepts(client, client.sender(client.session(), "t", events(device)));
        }
        var key = new SymmetricKey(config(GatewayResource.POLICY_KEY));
        try (var client = client()) {
            var token = SasToken.create(HOST, key, Instant.now().plusSeconds(600), Optional.of("device"));
            assertThat(client.open("device@sas.root." + HOST, token)).isTrue();
            accepts(client, client.sender(client.session(), "t", events(device)));
        }
        try (var client = client()) {
            assertThat(client.open("other@sas.hub", validToken())).isFalse();
        }
        try (var client = client()) {
            assertThat(client.open(
                            device + "@sas.hub",
                            token(device, SymmetricKey.generate(), Instant.now().plusSeconds(60))))
                    .isFalse();
        }
    }

    @Test
    void certificateOpensWithoutAnyToken() throws Exception {
        var shown = new TestAuthority("nobody").issue("whoever");
        var byCertificate = device + "-x";
        registry.add(
                byCertificate,
                new Authentication.SelfSigned(Optional.of(shown.thumbprint("SHA-256")), Optional.empty()));
        for (var mechanism : List.of("", "EXTERNAL")) {
            try (var client = AmqpClient.over(Trust.theAuthority(shown.keyManagers())
                            .getSocketFactory()
                            .createSocket("localhost", port("freehub.gateway.amqp.port")))
                    .open(mechanism)) {
                var session = client.session();
                accepts(client, client.sender(session, "t", events(byCertificate)));
                assertThat(client.detached(client.sender(session, "u", events(device))))
                        .isEqualTo("amqp:unauthorized-access");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "https://" + HOST})
    void webSocketsCarryTheSame(String authority) throws Exception {
        try (var socket = RawWebSocket.open(
                port("freehub.gateway.https.port"),
                authority + "/$iothub/websocket?iothub-no-client-cert=true",
                "AMQPWSB10")) {
            assertThat(socket.answer()).contains(" 101 ").contains("AMQPWSB10");
            var client = AmqpClient.over(socket).open("ANONYMOUS");
            var session = client.session();
            client.putToken(session, validToken());
            accepts(client, client.sender(session, "t", events(device)));
        }
    }

    @Test
    void batchIsAsManyMessagesAndOneOutcome() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(session, validToken());
            var sender = client.sender(session, "t", events(device));
            var batch = new ByteArrayOutputStream();
            for (int number = 0; number < 3; number++) {
                var properties = new Properties();
                properties.setMessageId("m" + number);
                // The C SDK writes annotations behind application properties.
                batch.writeBytes(encode(new Data(new Binary(encode(
                        properties,
                        new ApplicationProperties(Map.of("n", "" + number)),
                        new MessageAnnotations(Map.of(Symbol.valueOf("dt-subject"), "part")),
                        data("body " + number))))));
            }
            assertThat(client.outcome(client.send(sender, BATCH, batch.toByteArray())))
                    .isInstanceOf(Accepted.class);

            var stored = telemetry.readToEnd().stream().filter(isFrom(device)).toList();
            assertThat(stored).extracting(TopicReader::text).containsExactly("body 0", "body 1", "body 2");
            assertThat(properties(stored.get(1)).system())
                    .containsEntry(SystemProperty.MESSAGE_ID, "m1")
                    .containsEntry(SystemProperty.SUBJECT, "part");

            assertThat(client.outcome(client.send(
                            sender, BATCH, encode(new Data(new Binary(new byte[] {0x00, 0x53, 0x75, 1, 2, 3}))))))
                    .isInstanceOf(Rejected.class);
        }
    }

    @Test
    void bodiesOfOtherFormsAreTakenOrRefused() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(session, validToken());
            var sender = client.sender(session, "t", events(device));

            assertThat(outcome(client, sender, data("one "), data("and two"))).isInstanceOf(Accepted.class);
            assertThat(outcome(client, sender, new AmqpValue("text"))).isInstanceOf(Accepted.class);
            assertThat(outcome(client, sender, new AmqpValue(new Binary(new byte[] {'b'}))))
                    .isInstanceOf(Accepted.class);
            assertThat(rejection(outcome(client, sender, new AmqpValue(1)))).isEqualTo("amqp:not-allowed");
            assertThat(rejection(outcome(client, sender, new AmqpSequence(List.of("a")))))
                    .isEqualTo("amqp:not-allowed");
            assertThat(rejection(client.outcome(client.send(sender, 0, new byte[] {1, 2, 3}))))
                    .isEqualTo("amqp:decode-error");
            assertThat(rejection(client.outcome(client.send(sender, 0, new byte[100_000]))))
                    .isEqualTo("amqp:decode-error");
            assertThat(rejection(outcome(client, sender, new Data(new Binary(new byte[262_144])))))
                    .isEqualTo("amqp:link:message-size-exceeded");
            assertThat(outcome(client, sender, new Data(new Binary(new byte[262_130]))))
                    .isInstanceOf(Accepted.class);
            assertThat(outcome(client, sender, new ApplicationProperties(Map.of("a", "b"))))
                    .isInstanceOf(Accepted.class);
        }
        assertThat(telemetry.readToEnd().stream().filter(isFrom(device)).map(record -> record.value().length))
                .containsExactly(11, 4, 1, 262_130, 0);
    }

    @Test
    void manyMessagesAreAcceptedEachAndInOrder() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(session, validToken());
            var sender = client.sender(session, "t", events(device));
            var sent = new ArrayList<Delivery>();
            for (int number = 0; number < 3000; number++) {
                sent.add(client.send(sender, 0, encode(data("" + number))));
            }
            for (var one : sent) {
                assertThat(client.outcome(one)).isInstanceOf(Accepted.class);
            }
        }
        var bodies = telemetry.awaitCount(3000, isFrom(device), TopicReader.PATIENCE).stream()
                .map(TopicReader::text)
                .map(Integer::parseInt)
                .toList();
        assertThat(bodies).hasSize(3000).isSorted();
    }

    @Test
    void sessionsOfOneConnectionEndOnTheirOwn() throws IOException {
        var other = device + "-b";
        var otherKeys = registry.add(other);
        try (var client = client().open()) {
            var cbs = client.session();
            client.putToken(cbs, validToken());
            var soon = Instant.now().minus(SasToken.CLOCK_SKEW).plusSeconds(3);
            assertThat(client.putToken(cbs, token(other, otherKeys.primary(), soon))
                            .status())
                    .isEqualTo(200);
            // The C# SDK gives links the same names in each session.
            var first = client.sender(client.session(), "TelemetrySenderLink", events(device));
            var second = client.sender(client.session(), "TelemetrySenderLink", events(other));
            accepts(client, first);
            accepts(client, second);

            assertThat(client.detached(second)).isEqualTo("amqp:unauthorized-access");
            accepts(client, first);

            client.putToken(cbs, token(other, otherKeys.primary(), Instant.now().plusSeconds(60)));
            accepts(client, client.sender(client.session(), "TelemetrySenderLink", events(other)));
        }
    }

    @Test
    void tokenThatIsBroughtAgainKeepsTheLinks() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(
                    session,
                    token(
                            device,
                            keys.primary(),
                            Instant.now().minus(SasToken.CLOCK_SKEW).plusSeconds(2)));
            var sender = client.sender(session, "t", events(device));
            client.putToken(session, validToken());
            long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            while (System.nanoTime() < end) {
                accepts(client, sender);
            }
        }
    }

    @Test
    void newerConnectionTakesTheLinksOfTheOlder() throws IOException {
        try (var older = client().open();
                var newer = client().open()) {
            var session = older.session();
            older.putToken(session, validToken());
            var displaced = older.sender(session, "t", events(device));
            var newerSession = newer.session();
            newer.putToken(newerSession, validToken());
            var sender = newer.sender(newerSession, "t", events(device));

            assertThat(older.detached(displaced)).isEqualTo("amqp:link:stolen");
            accepts(newer, sender);
            assertThat(older.putToken(session, validToken()).status()).isEqualTo(200);
        }
    }

    @Test
    void disabledDeviceLosesItsLinks() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(session, validToken());
            var sender = client.sender(session, "t", events(device));
            accepts(client, sender);

            registry.disable(device);
            changed(new RegistryEvent.Updated(
                    IdentityId.parse(device), "g-" + device, 2, DeviceStatus.DISABLED, Instant.now()));

            assertThat(client.detached(sender)).isEqualTo("amqp:unauthorized-access");
            assertThat(client.putToken(session, validToken()).status()).isEqualTo(401);
        }
    }

    @Test
    void nothingIsAtOtherAddresses() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(session, validToken());
            for (var address :
                    List.of("", "/", "/messages/elsewhere", events(device) + "/x", "/devices//messages/events")) {
                assertThat(client.detached(client.sender(session, "to " + address, address)))
                        .isEqualTo("amqp:not-found");
            }
            assertThat(client.detached(client.receiver(session, "r", events(device))))
                    .isEqualTo("amqp:not-found");
        }
    }

    @Test
    void linkThatIsDetachedMayComeBackUnderItsName() throws IOException {
        try (var client = client().open()) {
            var session = client.session();
            client.putToken(session, validToken());
            for (int i = 0; i < 3; i++) {
                var sender = client.sender(session, "t", events(device));
                accepts(client, sender);
                sender.close();
                client.await(() -> sender.getRemoteState() == EndpointState.CLOSED);
                sender.free();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // HTTP, a later version, and SASL after SASL's own end.
                "474554202f20485454502f312e310d0a",
                "414d515000020000",
                "414d515002010000"
            })
    void whatIsNoAmqpIsAnsweredByTheHeader(String bytes) throws IOException {
        try (var client = raw()) {
            client.sendHex(bytes);

            assertThat(client.read(8)).isEqualTo(HexFormat.of().parseHex(SASL));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void initOfSaslMayComeBeforeTheMechanisms() throws IOException {
        try (var client = raw()) {
            client.sendHex(SASL + "0000001902010000" + "005341c00c01a309414e4f4e594d4f5553");
            // The header, mechanisms, and then the outcome 0.
            assertThat(client.read(8)).isEqualTo(HexFormat.of().parseHex(SASL));
            client.read(frame(client) - 4);
            var outcome = client.read(frame(client) - 4);
            assertThat(outcome).endsWith(0x50, 0x00);
        }
    }

    private static int frame(RawClient client) throws IOException {
        return ByteBuffer.wrap(client.read(4)).getInt();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // A frame of 2 GiB, one of 4 bytes, one that is no performative, a hundred described types in each
                // other.
                "7fffffff02000000",
                "0000000402000000",
                "000000090200000040",
                "0000001002000000000000000000000000000000",
                // Begin before open.
                "00000018020000000053 11c00b0440 5201 5201 5201 40404040"
            })
    void malformedFramesEndTheConnection(String frame) throws IOException {
        try (var client = raw()) {
            client.sendHex(AMQP + frame);
            client.read(8);
            // Whatever it says of it comes before the end.
            while (!client.isClosed()) {
                client.read(1);
            }
        }
    }

    @Test
    void framesOutOfPlaceEndTheConnectionWithTheReason() throws IOException {
        try (var client = client().open()) {
            // A link that the guard has no session for any more: handles beyond what was attached.
            var session = client.session();
            for (int i = 0; i < 100; i++) {
                var sender = session.sender("l" + i);
                sender.open();
            }
            assertThat(client.closed()).isEqualTo("amqp:resource-limit-exceeded");
        }
    }

    @Test
    void connectionThatProvesNothingIsClosed() throws IOException {
        try (var client = client().open()) {
            assertThat(client.closed()).isEqualTo("amqp:unauthorized-access");
        }
        try (var silent = raw()) {
            assertThat(silent.isClosed()).isTrue();
        }
    }

    private static Object outcome(AmqpClient client, Sender sender, Section... sections) throws IOException {
        return client.outcome(client.send(sender, 0, encode(sections)));
    }

    private static String rejection(Object outcome) {
        return ((Rejected) (DeliveryState) outcome).getError().getCondition().toString();
    }

    private static void accepts(AmqpClient client, Sender sender) throws IOException {
        assertThat(sender.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
        assertThat(outcome(client, sender, data("x"))).isInstanceOf(Accepted.class);
    }

    private static byte[] encode(Section... sections) {
        var decoder = new DecoderImpl();
        var encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        var buffer = ByteBuffer.allocate(512 << 10);
        encoder.setByteBuffer(buffer);
        for (var section : sections) {
            encoder.writeObject(section);
        }
        var encoded = new byte[buffer.position()];
        buffer.flip().get(encoded);
        return encoded;
    }

    private static Data data(String text) {
        return new Data(new Binary(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageProperties properties(ConsumerRecord<String, byte[]> record) {
        return TelemetryHeaders.decode(
                record.headers().lastHeader(TelemetryHeaders.PROPERTIES).value());
    }

    private static String events(String id) {
        return "/devices/" + id + "/messages/events";
    }

    private String validToken() {
        return token(device, keys.primary(), Instant.now().plusSeconds(600));
    }

    private static String token(String id, SymmetricKey key, Instant expiry) {
        return SasToken.create(HOST + "/devices/" + id, key, expiry, Optional.empty());
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

    private static AmqpClient client() throws IOException {
        return AmqpClient.plain(port("freehub.gateway.amqp.plain-port"));
    }

    private static RawClient raw() throws IOException {
        return RawClient.to(port("freehub.gateway.amqp.plain-port"));
    }

    private static int port(String key) {
        return Integer.parseInt(config(key));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
