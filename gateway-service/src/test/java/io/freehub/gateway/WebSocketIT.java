package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static io.freehub.gateway.RawWebSocket.BINARY;
import static io.freehub.gateway.RawWebSocket.CLOSE;
import static io.freehub.gateway.RawWebSocket.CONTINUATION;
import static io.freehub.gateway.RawWebSocket.PING;
import static io.freehub.gateway.RawWebSocket.PONG;
import static io.freehub.gateway.RawWebSocket.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.MqttPacket;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
class WebSocketIT {

    private static final String PATH = "/$iothub/websocket";

    private static FakeRegistry registry;
    private static TopicReader telemetry;

    private final String device = "ws-" + UUID.randomUUID();
    private SymmetricKeys keys;

    @BeforeAll
    static void start() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        telemetry = TopicReader.fromNow(Topic.TELEMETRY.name());
    }

    @AfterAll
    static void stop() {
        telemetry.close();
        registry.stop();
    }

    @BeforeEach
    void register() {
        keys = registry.add(device);
    }

    @ParameterizedTest
    @CsvSource({
        "/$iothub/websocket, mqtt, mqtt",
        "/$iothub/websocket?iothub-no-client-cert=true, MQTT, MQTT",
        "/%24iothub/websocket, 'amqp, mqtt', mqtt",
        "/%24iothub/websocket/?api-version=2021-04-12&x, mqtt, mqtt"
    })
    void answerHasExactlyTheHeadersThatClientsLookFor(String path, String offered, String chosen) throws Exception {
        try (var socket = RawWebSocket.open(port(), path, offered)) {
            assertThat(socket.answer().split("\r\n"))
                    .containsExactlyInAnyOrder(
                            "HTTP/1.1 101 Switching Protocols",
                            "Connection: Upgrade",
                            "Upgrade: websocket",
                            // The example of RFC 6455, section 1.3.
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                            "Sec-WebSocket-Protocol: " + chosen);
            assertThat(socket.mqtt().connect(device, token())).isZero();
        }
    }

    @Test
    void messageIsInKafkaWhenItIsAcknowledged() throws Exception {
        try (var client = connected()) {
            client.publish(events("alert=true"), 7, "over a websocket");
            assertThat(client.puback()).isEqualTo(7);
            client.sendHex("c000");
            assertThat(client.read(2)).containsExactly(0xd0, 0);
        }
        assertThat(telemetry.readToEnd().stream().filter(isFrom(device)).map(TopicReader::text))
                .containsExactly("over a websocket");
    }

    @Test
    void packetMayBeSplitOverFramesAtEveryByte() throws Exception {
        try (var socket = open()) {
            for (byte b : connectPacket()) {
                socket.sendFrame(BINARY, true, new byte[] {b});
            }
            var client = socket.mqtt();
            assertThat(client.connack()).isZero();
            var packet = MqttPacket.publish(events("a=b"), 1, new byte[] {1, 2, 3}, false);
            for (int split = 0; split <= packet.length; split++) {
                socket.sendFrame(BINARY, false, Arrays.copyOf(packet, split));
                socket.sendFrame(PING, true, new byte[0]);
                socket.sendFrame(CONTINUATION, true, Arrays.copyOfRange(packet, split, packet.length));
                assertThat(socket.readFrame().opcode()).isEqualTo(PONG);
                assertThat(client.puback()).isEqualTo(1);
            }
            for (byte b : RawWebSocket.frame(BINARY, true, packet)) {
                socket.send(new byte[] {b});
            }
            assertThat(client.puback()).isEqualTo(1);
        }
    }

    @Test
    void frameMayHoldManyPackets() throws Exception {
        try (var socket = open()) {
            var all = new ByteArrayOutputStream();
            all.write(connectPacket());
            for (int id = 1; id <= 500; id++) {
                all.write(MqttPacket.publish(events("n=" + id), id, new byte[20], false));
            }
            socket.sendFrame(BINARY, true, all.toByteArray());
            var client = socket.mqtt();
            assertThat(client.connack()).isZero();
            for (int id = 1; id <= 500; id++) {
                assertThat(client.puback()).isEqualTo(id);
            }
        }
    }

    @Test
    void messageOfTheGreatestSizeIsTakenAndAGreaterOneEndsTheConnection() throws Exception {
        try (var client = connected()) {
            client.send(MqttPacket.publish(events("a=b"), 1, new byte[256 * 1024 - 2], false));
            assertThat(client.puback()).isEqualTo(1);

            client.send(MqttPacket.publish(events("a=b"), 2, new byte[256 * 1024 - 1], false));
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void pingIsAnsweredAndCloseReturned() throws Exception {
        try (var socket = open()) {
            socket.sendFrame(PING, true, new byte[] {1, 2, 3});
            var pong = socket.readFrame();
            assertThat(pong.opcode()).isEqualTo(PONG);
            assertThat(pong.payload()).containsExactly(1, 2, 3);
            socket.sendFrame(PONG, true, new byte[0]);

            socket.sendFrame(CLOSE, true, new byte[] {0x03, (byte) 0xe8});
            var close = socket.readFrame();
            assertThat(close.opcode()).isEqualTo(CLOSE);
            assertThat(close.payload()).containsExactly(0x03, 0xe8);
            assertThat(socket.isClosed()).isTrue();
        }
    }

    @Test
    void textFrameEndsTheConnection() throws Exception {
        try (var socket = open()) {
            socket.sendFrame(TEXT, true, connectPacket());

            var close = socket.readFrame();
            assertThat(close.opcode()).isEqualTo(CLOSE);
            assertThat(close.payload()).startsWith(0x03, 0xeb); // 1003: not this type
            assertThat(socket.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "82 02 c000", // not masked
                "c2 80 00000000", // a reserved bit
                "83 80 00000000", // no such type
                "80 80 00000000", // goes on with nothing
                "09 80 00000000", // a ping in parts
                "89 fe 007e 00000000", // a ping of 126 bytes
                "82 ff 0000000000100000 00000000", // a mebibyte
                "82 ff 7fffffffffffffff 00000000",
                "82 ff ffffffffffffffff 00000000"
            })
    void violationEndsTheConnection(String frame) throws Exception {
        try (var socket = open()) {
            socket.send(HexFormat.of().parseHex(frame.replace(" ", "")));

            assertThat(socket.isClosed()).isTrue();
        }
        try (var socket = open()) {
            assertThat(socket.mqtt().connect(device, token())).isZero();
            socket.send(HexFormat.of().parseHex(frame.replace(" ", "")));

            assertThat(socket.isClosed()).isTrue();
        }
    }

    @Test
    void littleIsGatheredOfAFrameBeforeTheConnect() throws Exception {
        try (var socket = open()) {
            var frame = RawWebSocket.frame(BINARY, true, new byte[200_000]);
            assertThat(isClosedBy(socket, Arrays.copyOf(frame, 100_000))).isTrue();
        }
    }

    /** The gateway may have had enough before all is sent. */
    private static boolean isClosedBy(RawWebSocket socket, byte[] bytes) throws IOException {
        try {
            socket.send(bytes);
        } catch (SocketException reset) {
            return true;
        }
        return socket.isClosed();
    }

    @Test
    void clientThatSendsNoConnectIsCutOff() throws Exception {
        try (var socket = open()) {
            assertThat(socket.isClosed()).isTrue();
        }
    }

    @Test
    void tooManyThatWaitToBeAdmittedCloseThisDoorToo() throws Exception {
        var silent = new ArrayList<RawClient>();
        try {
            // As many as the bound on those that wait, at whichever door.
            for (int i = 0; i < 5100; i++) {
                silent.add(RawClient.to(Integer.parseInt(config("freehub.gateway.mqtt.plain-port"))));
            }
            Awaitility.await().until(() -> {
                try (var socket = open()) {
                    return socket.answer().startsWith("HTTP/1.1 503 ");
                }
            });
        } finally {
            for (var one : silent) {
                one.close();
            }
        }
        Awaitility.await().until(() -> {
            try (var socket = open()) {
                return socket.answer().startsWith("HTTP/1.1 101 ");
            }
        });
    }

    @Test
    void slowUpgradeIsCutOffHoweverItTrickles() throws Exception {
        try (var socket = new RawClient(Trust.theAuthority().getSocketFactory().createSocket("localhost", port()))) {
            socket.send("GET /$iothub/websocket HTTP/1.1\r\nHost: x\r\nX: ".getBytes(StandardCharsets.US_ASCII));
            var trickle = Thread.ofVirtual().start(() -> {
                try {
                    while (!Thread.interrupted()) {
                        socket.send(new byte[] {'x'});
                        Thread.sleep(100); // the trickle is what is tested
                    }
                } catch (IOException | InterruptedException e) {
                    // The gateway has had enough, or the test.
                }
            });
            assertThat(socket.isClosed()).isTrue();
            trickle.interrupt();
        }
    }

    @Test
    void idleSessionOutlivesTheTimeoutOfRequests() throws Exception {
        try (var client = connected()) {
            // Others that are cut off now came later than this session's request.
            clientThatSendsNoConnectIsCutOff();
            clientThatSendsNoConnectIsCutOff();

            client.publish(events(""), 1, "still here");
            assertThat(client.puback()).isEqualTo(1);
        }
    }

    @Test
    void wrongCredentialsAreRefusedAsOnTheOtherDoor() throws Exception {
        try (var client = open().mqtt()) {
            assertThat(client.connect(device, "rubbish")).isEqualTo(5);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, Connection: Upgrade, Upgrade: websocket, 13, mqtt, 426, expected is a GET",
        "GET, Connection: keep-alive, Upgrade: websocket, 13, mqtt, 426, Connection: Upgrade",
        "GET, Connection: Upgrade, X: y, 13, mqtt, 426, Upgrade: websocket",
        "GET, Connection: Upgrade, Upgrade: h2c, 13, mqtt, 426, Upgrade: websocket",
        "GET, Connection: Upgrade, Upgrade: websocket, 8, mqtt, 426, Sec-WebSocket-Version: 13",
        "GET, Connection: Upgrade, Upgrade: websocket, 13, AMQPWSB11, 400, Sec-WebSocket-Protocol: mqtt",
        "GET, Connection: Upgrade, Upgrade: websocket, 13, mqttv5, 400, Sec-WebSocket-Protocol: mqtt"
    })
    void badRequestIsToldWhatWasExpected(
            String method, String first, String second, String version, String protocol, int status, String expected)
            throws Exception {
        var answer = refused("""
                %s %s HTTP/1.1\r
                Host: localhost\r
                %s\r
                %s\r
                Sec-WebSocket-Version: %s\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Protocol: %s\r
                \r
                """.formatted(method, PATH, first, second, version, protocol));
        assertThat(answer).startsWith("HTTP/1.1 " + status).contains(expected);
        if (status == 426) {
            assertThat(answer).contains("\r\nUpgrade: websocket\r\n", "\r\nSec-WebSocket-Version: 13\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sec-WebSocket-Key: short\r\n", "Sec-WebSocket-Key: !\r\n"})
    void requestWithoutAKeyIsRefused(String key) throws Exception {
        var answer = refused("GET " + PATH + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n" + key + "\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400").contains("Sec-WebSocket-Key");
    }

    private static String refused(String request) throws Exception {
        try (var socket = RawWebSocket.request(port(), request)) {
            var head = socket.answer();
            var length = head.replaceFirst("(?is).*content-length: (\\d+).*", "$1");
            return head + socket.body(Integer.parseInt(length));
        }
    }

    @Test
    void javasOwnWebSocketConnects() throws Exception {
        try (var http = HttpClient.newBuilder()
                .sslContext(Trust.theAuthority())
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            var answer = new CompletableFuture<byte[]>();
            var socket = http.newWebSocketBuilder()
                    .subprotocols("mqtt")
                    .buildAsync(
                            URI.create("wss://localhost:" + port() + "/%24iothub/websocket"), new WebSocket.Listener() {
                                @Override
                                public CompletionStage<?> onBinary(WebSocket self, ByteBuffer data, boolean last) {
                                    var bytes = new byte[data.remaining()];
                                    data.get(bytes);
                                    answer.complete(bytes);
                                    self.request(1);
                                    return null;
                                }
                            })
                    .get(20, TimeUnit.SECONDS);
            assertThat(socket.getSubprotocol()).isEqualTo("mqtt");
            var packet = connectPacket();
            socket.sendBinary(ByteBuffer.wrap(packet, 0, 20), false).get(20, TimeUnit.SECONDS);
            socket.sendBinary(ByteBuffer.wrap(packet, 20, packet.length - 20), true)
                    .get(20, TimeUnit.SECONDS);

            assertThat(answer.get(20, TimeUnit.SECONDS)).containsExactly(0x20, 2, 0, 0);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
        }
    }

    private RawWebSocket open() throws Exception {
        return RawWebSocket.open(port(), PATH, "mqtt");
    }

    private RawClient connected() throws Exception {
        var client = open().mqtt();
        assertThat(client.connect(device, token())).isZero();
        return client;
    }

    private byte[] connectPacket() throws IOException {
        return MqttPacket.connect(device, HOST + "/" + device + "/?api-version=2021-04-12", token(), 60);
    }

    private String token() {
        return SasToken.create(
                HOST + "/devices/" + device, keys.primary(), Instant.now().plusSeconds(600), Optional.empty());
    }

    private String events(String bag) {
        return "devices/" + device + "/messages/events/" + bag;
    }

    private static Predicate<ConsumerRecord<String, byte[]>> isFrom(String device) {
        return record -> record.key().equals(device);
    }

    private static int port() {
        return Integer.parseInt(config("freehub.gateway.https.port"));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
