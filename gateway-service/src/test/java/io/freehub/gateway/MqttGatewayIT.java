package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceStatus;
import io.freehub.model.GatewayInstance;
import io.freehub.model.HubError;
import io.freehub.model.IdentityId;
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
import io.freehub.testing.MqttPacket;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class MqttGatewayIT {

    private static FakeRegistry registry;
    private static TopicReader telemetry;
    private static TopicReader connections;

    private final String device = "d-" + UUID.randomUUID();
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

    @Test
    void messageIsInKafkaWhenItIsAcknowledged() throws IOException {
        try (var client = connected()) {
            client.publish(events("%24.mid=m1&%24.ct=application%2Fjson&alert=true&note"), 7, "{\"t\":1}");

            assertThat(client.puback()).isEqualTo(7);

            var stored = telemetry.readToEnd().stream().filter(isFrom(device)).toList();
            assertThat(stored).hasSize(1);
            assertThat(TopicReader.text(stored.getFirst())).isEqualTo("{\"t\":1}");
            var properties = TelemetryHeaders.decode(stored.getFirst()
                    .headers()
                    .lastHeader(TelemetryHeaders.PROPERTIES)
                    .value());
            assertThat(properties.system())
                    .isEqualTo(Map.of(
                            SystemProperty.MESSAGE_ID, "m1",
                            SystemProperty.CONTENT_TYPE, "application/json",
                            SystemProperty.CONNECTION_AUTH_METHOD,
                                    "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}",
                            SystemProperty.CONNECTION_AUTH_GENERATION_ID, "g-" + device));
            assertThat(properties.application())
                    .containsExactly(
                            new Application("alert", Optional.of("true")), new Application("note", Optional.empty()));
        }
    }

    @Test
    void acknowledgementsComeInTheOrderOfTheMessages() throws IOException {
        try (var client = connected()) {
            var all = new ByteArrayOutputStream();
            for (int id = 1; id <= 3000; id++) {
                all.write(MqttPacket.publish(events("n=" + id), id, new byte[] {1, 2, 3}, false));
            }
            Thread.ofVirtual().start(() -> sendAll(client, all.toByteArray()));

            for (int id = 1; id <= 3000; id++) {
                assertThat(client.puback()).isEqualTo(id);
            }
        }
        assertThat(telemetry.awaitCount(3000, isFrom(device), TopicReader.PATIENCE))
                .hasSize(3000);
    }

    @Test
    void qualityOfServiceZeroIsStoredWithoutAWord() throws IOException {
        try (var client = connected()) {
            client.publish(events(""), 0, "zero");
            client.sendHex("c000");

            assertThat(client.read(2)).containsExactly(0xd0, 0);
            telemetry.await(
                    isFrom(device).and(record -> TopicReader.text(record).equals("zero")));
        }
    }

    @Test
    void retainedMessageIsAnOrdinaryOneWithAMark() throws IOException {
        try (var client = connected()) {
            client.send(MqttPacket.publish(events("a=b"), 1, new byte[] {1}, true));
            client.puback();

            var stored = telemetry.await(isFrom(device));
            assertThat(TelemetryHeaders.decode(stored.headers()
                                    .lastHeader(TelemetryHeaders.PROPERTIES)
                                    .value())
                            .application())
                    .contains(new Application("mqtt-retain", Optional.of("true")));
        }
    }

    @Test
    void messageOfTheGreatestSizeIsTakenAndAGreaterOneEndsTheConnection() throws IOException {
        try (var client = connected()) {
            client.send(MqttPacket.publish(events("a=b"), 1, new byte[256 * 1024 - 2], false));
            assertThat(client.puback()).isEqualTo(1);

            client.send(MqttPacket.publish(events("a=b"), 2, new byte[256 * 1024 - 1], false));
            assertThat(client.isClosed()).isTrue();
        }
        assertThat(telemetry.awaitCount(1, isFrom(device), TopicReader.PATIENCE))
                .hasSize(1);
    }

    @Test
    void packetThatIsFarTooLongEndsTheConnectionAtItsFirstBytes() throws IOException {
        try (var client = connected()) {
            client.sendHex("32ffffff7f");

            assertThat(client.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices/other/messages/events/",
                "devices/%s/messages/eventz/",
                "devices/%s/messages/devicebound/",
                "$iothub/methods/POST/x/?$rid=1",
                "anything"
            })
    void otherTopicEndsTheConnectionAndNothingIsStored(String topic) throws IOException {
        try (var client = connected()) {
            client.publish(topic.formatted(device), 1, "x");

            assertThat(client.isClosed()).isTrue();
        }
        assertThat(telemetry.readToEnd().stream().filter(isFrom(device))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "34 05 0001 61 0001", // QoS 2
                "10 0c 0004 4d515454 04 02 0000 0000", // a second CONNECT
                "f0 00", // no such packet
                "20 02 0000", // a packet only servers send
                "82 06 0001 0001 ff 00", // a filter that is not UTF-8
                "c0 01 00" // a PINGREQ with a body
            })
    void violationEndsTheConnection(String packet) throws IOException {
        try (var client = connected()) {
            client.sendHex(packet);

            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void wrongCredentialsAreRefusedWithFive() throws IOException {
        var otherKeys = registry.add(device + "-other");
        var good = token(device, keys.primary(), Instant.now().plusSeconds(60));
        refused(device, token(device, SymmetricKey.generate(), Instant.now().plusSeconds(60)));
        refused(device, token(device, keys.primary(), Instant.now().minusSeconds(360)));
        refused(
                device,
                token(device + "-other", otherKeys.primary(), Instant.now().plusSeconds(60)));
        refused(device + "-other", good);
        refused(device, good.substring(0, good.length() - 20));
        refused(device, good.substring(0, 40));
        refused(device, "rubbish");
        refused(device, "");
        refused("unknown", good);
        refused("x".repeat(129), good);
        try (var client = client()) {
            assertThat(client.connect(device, "other.example/" + device + "/?api-version=2021-04-12", good, 60))
                    .isEqualTo(5);
        }
        try (var client = client()) {
            assertThat(client.connect("other", HOST + "/" + device + "/?api-version=2021-04-12", good, 60))
                    .isEqualTo(5);
        }
        try (var client = client()) {
            assertThat(client.connect(device, HOST, good, 60)).isEqualTo(5);
        }
        registry.disable(device);
        refused(device, good);
    }

    private void refused(String id, String password) throws IOException {
        try (var client = client()) {
            assertThat(client.connect(id, password)).as(password).isEqualTo(5);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void whoFailsAgainAndAgainIsAnsweredLaterAndOthersAreNot() throws IOException {
        var wrong = token(device, SymmetricKey.generate(), Instant.now().plusSeconds(60));
        for (int i = 0; i < 6; i++) {
            refused(device, wrong);
        }
        var other = device + "-other";
        var otherKeys = registry.add(other);

        try (var guessing = client();
                var honest = client()) {
            long start = System.nanoTime();
            guessing.send(MqttPacket.connect(device, username(), wrong, 60));
            // The answer to the guess is still held when the other device has long been let in; so it is with this
            // one's
            // right key.
            assertThat(honest.connect(
                            other,
                            token(other, otherKeys.primary(), Instant.now().plusSeconds(60))))
                    .isZero();
            try (var right = connected()) {
                assertThat(guessing.connack()).isEqualTo(5);
                assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(GatewayResource.LONGEST_REFUSAL.toNanos());
                right.publish(events(""), 1, "x");
                assertThat(right.puback()).isEqualTo(1);
            }
        }
    }

    @Test
    void failedAttemptIsToldOnceWithItsReason() throws IOException {
        var wrong = token(device, SymmetricKey.generate(), Instant.now().plusSeconds(60));
        refused(device, wrong);
        refused(device, wrong);
        connected().close();
        connections.await(opened(device));

        var told = connections.readToEnd().stream()
                .filter(record -> record.key().equals(device))
                .map(MqttGatewayIT::event)
                .filter(ConnectionEvent.Refused.class::isInstance)
                .map(ConnectionEvent.Refused.class::cast)
                .toList();
        assertThat(told).hasSize(1);
        assertThat(told.getFirst().identity()).hasToString(device);
        assertThat(told.getFirst().error()).isEqualTo(HubError.UNAUTHORIZED);
        assertThat(told.getFirst().reason()).contains("none of its keys");
        assertThat(told.getFirst().from()).contains("127.0.0.1");
        assertThat(metrics()).contains("freehub_mqtt_connects_total{outcome=\"IotHubUnauthorized\"}");
    }

    @Test
    void bothKeysAndAPolicyOpen() throws IOException {
        var policy = SasToken.create(
                HOST,
                new SymmetricKey(config(GatewayResource.POLICY_KEY)),
                Instant.now().plusSeconds(60),
                Optional.of("device"));
        for (var password : List.of(
                token(device, keys.secondary(), Instant.now().plusSeconds(60)),
                token(device, keys.primary(), Instant.now().minusSeconds(240)),
                policy)) {
            try (var client = client()) {
                assertThat(client.connect(device, password)).isZero();
            }
        }
    }

    @Test
    void otherProtocolLevelIsRefusedWithOneAndAnotherProtocolWithoutAWord() throws IOException {
        try (var client = client()) {
            client.sendHex("10 0d 0004 4d515454 05 02 0000 00 0000");
            assertThat(client.connack()).isEqualTo(1);
            assertThat(client.isClosed()).isTrue();
        }
        try (var client = client()) {
            client.sendHex("10 0e 0006 4d5149736470 03 02 0000 0000");
            assertThat(client.isClosed()).isTrue();
        }
        try (var client = client()) {
            client.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void packetBeforeTheConnectEndsTheConnection() throws IOException {
        try (var client = client()) {
            client.publish(events(""), 1, "x");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void whatFollowsTheConnectAtOnceIsNotLost() throws IOException {
        try (var client = client()) {
            var both = new ByteArrayOutputStream();
            both.write(MqttPacket.connect(device, username(), validToken(), 60));
            both.write(MqttPacket.publish(events(""), 1, new byte[] {1}, false));
            client.send(both.toByteArray());

            assertThat(client.connack()).isZero();
            assertThat(client.puback()).isEqualTo(1);
        }
    }

    @Test
    void onlyDocumentedFiltersAreGranted() throws IOException {
        try (var client = connected()) {
            client.send(MqttPacket.of(0x82, body -> {
                body.writeShort(9);
                MqttPacket.text(body, "devices/" + device + "/messages/devicebound/#");
                body.writeByte(2);
                MqttPacket.text(body, "devices/other/messages/devicebound/#");
                body.writeByte(1);
                MqttPacket.text(body, "#");
                body.writeByte(0);
            }));
            assertThat(client.read(7)).containsExactly(0x90, 5, 0, 9, 1, 0x80, 0x80);

            client.send(MqttPacket.of(0xa2, body -> {
                body.writeShort(10);
                MqttPacket.text(body, "#");
            }));
            assertThat(client.read(4)).containsExactly(0xb0, 2, 0, 10);
        }
    }

    @Test
    void newerConnectionOfTheDeviceEndsTheOlder() throws IOException {
        try (var older = connected();
                var newer = connected()) {
            assertThat(older.isClosed()).isTrue();

            newer.publish(events(""), 1, "x");
            assertThat(newer.puback()).isEqualTo(1);
        }
    }

    @Test
    void sessionIsToldWithTheModelAndTheLifeOfTheDevice() throws IOException {
        try (var client = client()) {
            client.send(
                    MqttPacket.connect(device, username() + "&model-id=dtmi:com:example:Boiler;1", validToken(), 60));
            var told = (ConnectionEvent.Opened) event(connections.await(opened(device)));

            assertThat(told.modelId()).contains("dtmi:com:example:Boiler;1");
            assertThat(told.generationId()).isPresent();
        }
    }

    @Test
    void newerConnectionAtAnotherGatewayEndsTheOneHere() throws IOException {
        try (var here = connected()) {
            connections.await(opened(device));
            announce(new ConnectionEvent.Opened(
                    IdentityId.parse(device), "elsewhere", new GatewayInstance(7, 1), Instant.now()));

            assertThat(here.isClosed()).isTrue();
        }
    }

    @Test
    void olderConnectionAtAnotherGatewayDoesNotEndTheOneHere() throws IOException {
        announce(new ConnectionEvent.Opened(
                IdentityId.parse(device),
                "elsewhere",
                new GatewayInstance(7, 1),
                Instant.now().plusSeconds(60)));
        try (var here = connected()) {
            connections.await(
                    opened(device).and(record -> !TopicReader.text(record).contains("elsewhere")));

            here.publish(events(""), 1, "x");
            assertThat(here.puback()).isEqualTo(1);
        }
    }

    @Test
    void sessionsAreAnnounced() throws IOException {
        try (var client = connected()) {
            client.sendHex("e000");
            assertThat(client.isClosed()).isTrue();
        }
        var opened = (ConnectionEvent.Opened) event(connections.await(opened(device)));
        var closed = (ConnectionEvent.Closed) event(connections.await(record ->
                record.key().equals(device) && TopicReader.text(record).contains("Closed")));

        assertThat(closed.session()).isEqualTo(opened.session());
        assertThat(closed.reason()).isEqualTo("the client disconnected");
        connections.await(record -> record.key().equals("gateway-" + GatewayResource.ORDINAL));
    }

    @Test
    void deviceThatIsDisabledOrDeletedLosesItsConnection() throws IOException {
        try (var client = connected()) {
            changed(new RegistryEvent.Updated(IdentityId.parse(device), "g", 2, DeviceStatus.ENABLED, Instant.now()));
            changed(new RegistryEvent.Updated(IdentityId.parse(device), "g", 3, DeviceStatus.DISABLED, Instant.now()));
            assertThat(client.isClosed()).isTrue();
        }
        try (var client = connected()) {
            changed(new RegistryEvent.Deleted(IdentityId.parse(device), "g", Instant.now()));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void deviceThatIsDisabledWhileItConnectsIsRefused() throws Exception {
        registry.hold();
        int before = registry.requests();
        double heard = heardOfChanges();
        try (var client = client()) {
            client.send(MqttPacket.connect(device, username(), validToken(), 60));
            until(() -> registry.requests() > before);
            // The answer under way was made before the device was disabled; the gateway hears of it and asks again.
            changed(new RegistryEvent.Updated(IdentityId.parse(device), "g", 2, DeviceStatus.DISABLED, Instant.now()));
            until(() -> heardOfChanges() > heard);
            registry.disable(device);
            registry.release();

            assertThat(client.connack()).isEqualTo(5);
        } finally {
            registry.release();
        }
    }

    @Test
    void connectsWaitForALaggingRegistryAndShareItsAnswer() throws Exception {
        registry.hold();
        int before = registry.requests();
        var clients = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < 50; i++) {
                var client = client();
                clients.add(client);
                client.send(MqttPacket.connect(device, username(), validToken(), 60));
            }
            until(() -> registry.requests() > before);
            registry.release();
            for (var client : clients) {
                assertThat(client.connack()).isZero();
            }
            // One request served them, but for those that came when it had been answered.
            assertThat(registry.requests() - before).isLessThan(50);
        } finally {
            registry.release();
            for (var client : clients) {
                client.close();
            }
        }
    }

    @Test
    void registryThatFailsIsAskedAgain() throws IOException {
        registry.failNext(3);
        try (var client = connected()) {
            client.publish(events(""), 1, "x");
            assertThat(client.puback()).isEqualTo(1);
        }
    }

    @Test
    void connectionEndsWithItsToken() throws IOException {
        // Valid for a second more, the five minutes of clock skew included.
        try (var client = client()) {
            assertThat(client.connect(
                            device, token(device, keys.primary(), Instant.now().minusSeconds(299))))
                    .isZero();
            assertThat(client.isClosed()).isTrue();
        }
        var closed = connections.await(record ->
                record.key().equals(device) && TopicReader.text(record).contains("Closed"));
        assertThat(((ConnectionEvent.Closed) event(closed)).reason()).contains("token expired");
    }

    @Test
    void silentClientIsGivenUpAfterOneAndAHalfKeepAlives() throws IOException {
        try (var client = client()) {
            assertThat(client.connect(device, username(), validToken(), 1)).isZero();
            assertThat(client.isClosed()).isTrue();
        }
        var closed = connections.await(record ->
                record.key().equals(device) && TopicReader.text(record).contains("Closed"));
        assertThat(((ConnectionEvent.Closed) event(closed)).reason()).contains("nothing came");
    }

    @Test
    void willIsSentWhenTheClientIsGoneWithoutAWordAndOnlyThen() throws IOException {
        try (var client = client()) {
            client.send(MqttPacket.connectWithWill(device, username(), validToken(), events("a=b"), "bye"));
            assertThat(client.connack()).isZero();
            client.sendHex("e000");
            assertThat(client.isClosed()).isTrue();
        }
        assertThat(telemetry.readToEnd().stream().filter(isFrom(device))).isEmpty();

        try (var client = client()) {
            client.send(MqttPacket.connectWithWill(device, username(), validToken(), events("a=b"), "bye"));
            assertThat(client.connack()).isZero();
        }
        var will = telemetry.await(isFrom(device));
        assertThat(TopicReader.text(will)).isEqualTo("bye");
        assertThat(TelemetryHeaders.decode(will.headers()
                                .lastHeader(TelemetryHeaders.PROPERTIES)
                                .value())
                        .application())
                .containsExactly(
                        new Application("a", Optional.of("b")),
                        new Application("iothub-MessageType", Optional.of("Will")));
    }

    @Test
    void moduleHasASessionOfItsOwnBesideItsDevice() throws IOException {
        var module = device + "/burner";
        var moduleKeys = registry.add(module);
        try (var client = connected();
                var burner = connectedModule(module, moduleKeys.primary())) {
            burner.publish("devices/" + device + "/modules/burner/messages/events/%24.on=out1/", 1, "hot");
            assertThat(burner.puback()).isEqualTo(1);
            client.publish(events(""), 2, "x");
            assertThat(client.puback()).isEqualTo(2);

            var stored = telemetry.await(
                    isFrom(device).and(record -> TopicReader.text(record).equals("hot")));
            assertThat(TelemetryHeaders.decode(stored.headers()
                                    .lastHeader(TelemetryHeaders.PROPERTIES)
                                    .value())
                            .system())
                    .contains(
                            Map.entry(SystemProperty.CONNECTION_MODULE_ID, "burner"),
                            Map.entry(SystemProperty.OUTPUT_NAME, "out1"),
                            Map.entry(
                                    SystemProperty.CONNECTION_AUTH_METHOD,
                                    "{\"scope\":\"module\",\"type\":\"sas\",\"issuer\":\"iothub\"}"));

            // A change of the module is not one of its device, a change of the device is one of its modules.
            changed(new RegistryEvent.Deleted(IdentityId.parse(module), "g", Instant.now()));
            assertThat(burner.isClosed()).isTrue();
            client.publish(events(""), 3, "x");
            assertThat(client.puback()).isEqualTo(3);
            try (var again = connectedModule(module, moduleKeys.secondary())) {
                changed(new RegistryEvent.Updated(
                        IdentityId.parse(device), "g", 2, DeviceStatus.DISABLED, Instant.now()));
                assertThat(again.isClosed()).isTrue();
                assertThat(client.isClosed()).isTrue();
            }
        }
    }

    @Test
    void deviceAndModuleDoNotOpenForEachOther() throws IOException {
        var module = device + "/burner";
        var moduleKeys = registry.add(module);
        var ofDevice = token(device, keys.primary(), Instant.now().plusSeconds(60));
        var ofModule = token(
                device + "/modules/burner", moduleKeys.primary(), Instant.now().plusSeconds(60));
        refused(device, ofModule);
        refused(module, ofDevice);
        refused(device + "/unknown", ofModule);
    }

    private static RawClient connectedModule(String module, SymmetricKey key) throws IOException {
        var client = client();
        var token = token(module.replace("/", "/modules/"), key, Instant.now().plusSeconds(600));
        assertThat(client.connect(module, token)).isZero();
        return client;
    }

    @Test
    void willForAnotherTopicIsRefused() throws IOException {
        try (var client = client()) {
            client.send(
                    MqttPacket.connectWithWill(device, username(), validToken(), "devices/x/messages/events/", "bye"));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void thousandsThatNeverConnectAreCutOffAndOthersNoticeNothing() throws IOException {
        var silent = new ArrayList<RawClient>();
        try (var client = connected()) {
            for (int i = 0; i < 5000; i++) {
                silent.add(client());
            }
            // The bound on those that wait is 5100; those beyond are closed at once.
            for (int i = 0; i < 150; i++) {
                silent.add(client());
            }
            for (int id = 1; id <= 100; id++) {
                client.publish(events(""), id, "x");
                assertThat(client.puback()).isEqualTo(id);
            }
            for (var one : silent) {
                assertThat(one.isClosed()).isTrue();
            }
            client.publish(events(""), 101, "x");
            assertThat(client.puback()).isEqualTo(101);
        } finally {
            for (var one : silent) {
                one.close();
            }
        }
        until(() -> metrics().contains("freehub_mqtt_pending 0.0"));
        assertThat(metrics()).contains("freehub_mqtt_connects_total{outcome=\"too-many-pending\"}");
        assertThat(metrics()).doesNotContain("freehub_mqtt_connects_total{outcome=\"too-many-pending\"} 0.0");
    }

    @Test
    void slowHandshakeIsGivenUp() throws IOException {
        try (var slow = RawClient.to(port("freehub.gateway.mqtt.port"))) {
            slow.sendHex("16 0301 0200 01");
            assertThat(slow.isClosed()).isTrue();
        }
    }

    @Test
    void whoAsksForAResetIsAcknowledgedAndReset() throws IOException {
        try (var client = connected()) {
            client.publish(events("a=b"), 1, "before");
            client.publish(
                    events("AzIoTHub_FaultOperationType=KillTcp&AzIoTHub_FaultOperationCloseReason=boom"), 2, "");
            assertThat(client.puback()).isEqualTo(1);
            assertThat(client.puback()).isEqualTo(2);

            assertThatThrownBy(() -> client.read(1)).isInstanceOf(SocketException.class);
        }
        assertThat(telemetry.awaitCount(1, isFrom(device), TopicReader.PATIENCE))
                .hasSize(1);
        connections.await(record ->
                record.key().equals(device) && TopicReader.text(record).contains("fault KillTcp: boom"));
    }

    @Test
    void whoAsksForAShutdownIsAcknowledgedAndClosed() throws IOException {
        try (var client = connected()) {
            client.publish(
                    events("AzIoTHub_FaultOperationType=ShutDownMqtt&AzIoTHub_FaultOperationDelayInSecs=1"), 1, "");
            assertThat(client.puback()).isEqualTo(1);
            client.publish(events("a=b"), 2, "in the delay");
            assertThat(client.puback()).isEqualTo(2);

            assertThat(client.read(1)).isEmpty();
        }
    }

    @Test
    void faultThatMqttHasNotChangesNothing() throws IOException {
        try (var client = connected()) {
            client.publish(events("AzIoTHub_FaultOperationType=KillAmqpSession"), 1, "");
            client.publish(events("a=b"), 2, "after");
            assertThat(client.puback()).isEqualTo(1);
            assertThat(client.puback()).isEqualTo(2);
        }
        assertThat(telemetry.awaitCount(1, isFrom(device), TopicReader.PATIENCE))
                .hasSize(1);
    }

    @Test
    void healthAndMetricsTell() throws IOException {
        try (var client = connected()) {
            client.publish(events(""), 1, "x");
            client.puback();
            for (var check : List.of("live", "ready", "started")) {
                assertThat(get("/q/health/" + check)).contains("\"status\": \"UP\"");
            }
            assertThat(metrics()).contains("freehub_sessions", "freehub_telemetry_messages_total");
        }
    }

    private static double heardOfChanges() {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("freehub_registry_changes_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private RawClient connected() throws IOException {
        var client = client();
        assertThat(client.connect(device, validToken())).isZero();
        return client;
    }

    private static RawClient client() throws IOException {
        return RawClient.to(port("freehub.gateway.mqtt.plain-port"));
    }

    private String validToken() {
        return token(device, keys.primary(), Instant.now().plusSeconds(600));
    }

    private static String token(String id, SymmetricKey key, Instant expiry) {
        return SasToken.create(HOST + "/devices/" + id, key, expiry, Optional.empty());
    }

    private String username() {
        return HOST + "/" + device + "/?api-version=2021-04-12";
    }

    private String events(String bag) {
        return "devices/" + device + "/messages/events/" + bag;
    }

    private static Predicate<ConsumerRecord<String, byte[]>> isFrom(String device) {
        return record -> record.key().equals(device);
    }

    private static Predicate<ConsumerRecord<String, byte[]>> opened(String device) {
        return record -> record.key().equals(device) && TopicReader.text(record).contains("Opened");
    }

    private static ConnectionEvent event(ConsumerRecord<String, byte[]> record) {
        return HubJson.read(record.value(), ConnectionEvent.class);
    }

    private static void announce(ConnectionEvent.Opened event) {
        write(Topic.CONNECTIONS, event.identity().device(), HubJson.write(event));
    }

    private static void changed(RegistryEvent event) {
        write(Topic.REGISTRY, event.identity().device(), HubJson.write(event));
    }

    private static void write(Topic<?> topic, DeviceId key, byte[] value) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic.name(), key.value(), value));
        }
    }

    private static void until(BooleanSupplier condition) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition::getAsBoolean);
    }

    private static void sendAll(RawClient client, byte[] bytes) {
        try {
            client.send(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String metrics() {
        try {
            return get("/q/metrics");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String get(String path) throws IOException {
        var url = URI.create("http://127.0.0.1:" + config("quarkus.http.test-port") + path)
                .toURL();
        var connection = (HttpURLConnection) url.openConnection();
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int port(String key) {
        return Integer.parseInt(config(key));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
