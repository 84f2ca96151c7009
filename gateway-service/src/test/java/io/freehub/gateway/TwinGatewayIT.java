package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Downlink.DesiredChanged;
import io.freehub.model.Downlink.ObserveAnswered;
import io.freehub.model.Downlink.TwinAnswered;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.TwinRequest;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.MqttPacket;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device says of its twin over MQTT, and what it hears. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class TwinGatewayIT {

    private static final String GET = "$iothub/twin/GET/?$rid=";
    private static final String REPORT = "$iothub/twin/PATCH/properties/reported/?$rid=";
    private static final String ANSWERS = "$iothub/twin/res/#";
    private static final String DESIRED = "$iothub/twin/PATCH/properties/desired/#";

    private static final int PUBLISH = 0x30;
    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xb0;
    private static final int PINGRESP = 0xd0;

    private static FakeRegistry registry;
    private static FakeTwins twins;

    private final String device = "d-" + UUID.randomUUID();
    private SymmetricKeys keys;

    @BeforeAll
    static void start() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        twins = new FakeTwins();
    }

    @AfterAll
    static void stop() {
        twins.close();
        registry.stop();
    }

    @BeforeEach
    void register() {
        keys = registry.add(device);
    }

    @Test
    void getIsAskedAndItsAnswerComesBack() throws IOException {
        try (var client = listening()) {
            client.publish(GET + "abc-1", 7, " ");

            var get = twins.await(device, TwinRequest.Get.class);
            assertThat(client.puback()).isEqualTo(7);
            assertThat(get.requestId()).isEqualTo("abc-1");
            assertThat(get.generationId()).isEqualTo("g-" + device);
            assertThat(get.from().identity()).hasToString(device);
            assertThat(get.from().gateway()).isEqualTo(GatewayResource.ORDINAL);
            twins.send(new TwinAnswered(get.from(), "abc-1", 200, Optional.empty(), "{\"desired\":{\"ü\":1}}"));
            var answer = client.packet();
            assertThat(answer.type()).isEqualTo(PUBLISH);
            assertThat(answer.topic()).isEqualTo("$iothub/twin/res/200/?$rid=abc-1");
            assertThat(answer.payload()).isEqualTo("{\"desired\":{\"ü\":1}}");
        }
    }

    @Test
    void reportIsAskedWithItsVersion() throws IOException {
        try (var client = listening()) {
            client.publish("$iothub/twin/PATCH/properties/reported/?x=1&$version=3&$rid=7", 0, "{\"a\":null}");

            var report = twins.await(device, TwinRequest.Report.class);
            assertThat(report.patch()).isEqualTo("{\"a\":null}");
            assertThat(report.version()).contains(3L);
            twins.send(new TwinAnswered(report.from(), "7", 204, Optional.of(4L), ""));
            var answer = client.packet();
            assertThat(answer.topic()).isEqualTo("$iothub/twin/res/204/?$rid=7&$version=4");
            assertThat(answer.payload()).isEmpty();
        }
    }

    @Test
    void sessionHearsOnlyWhatItSubscribedTo() throws IOException {
        try (var client = connected()) {
            var session = observe(client).from();
            twins.send(new TwinAnswered(session, "1", 200, Optional.empty(), "{}"));
            twins.send(new DesiredChanged(session, 2, "{}"));
            assertThat(client.packet().topic()).endsWith("desired/?$version=2");
        }
        try (var client = listening()) {
            client.publish(GET + "1", 0, "");
            var session = twins.await(device, TwinRequest.Get.class).from();
            twins.send(new DesiredChanged(session, 3, "{}"));
            twins.send(new TwinAnswered(session, "1", 200, Optional.empty(), "{}"));
            assertThat(client.packet().topic()).endsWith("$rid=1");
        }
    }

    @Test
    void whatComesAgainIsToldOnce() throws IOException {
        try (var client = listening()) {
            var session = observe(client).from();
            client.publish(GET + "1", 0, "");
            client.publish(GET + "2", 0, "");
            twins.await(device, 3);
            for (int again = 0; again < 2; again++) {
                twins.send(new DesiredChanged(session, 2, "{}"));
                twins.send(new DesiredChanged(session, 3, "{}"));
                twins.send(new TwinAnswered(session, "1", 200, Optional.empty(), "{}"));
            }
            twins.send(new TwinAnswered(session, "2", 200, Optional.empty(), "{}"));

            assertThat(client.packet().topic()).endsWith("$version=2");
            assertThat(client.packet().topic()).endsWith("$version=3");
            assertThat(client.packet().topic()).endsWith("$rid=1");
            assertThat(client.packet().topic()).endsWith("$rid=2");
        }
    }

    @Test
    void answerForASessionThatIsGoneGoesNowhere() throws IOException {
        var old = connected();
        old.publish(GET + "1", 0, "");
        var before = twins.await(device, TwinRequest.Get.class);
        old.close();
        try (var client = listening()) {
            client.publish(GET + "2", 0, "");
            var now = twins.await(device, 2).get(1);
            assertThat(now.from()).isNotEqualTo(before.from());
            twins.send(new TwinAnswered(before.from(), "1", 200, Optional.empty(), "{}"));
            twins.send(new TwinAnswered(now.from(), "2", 200, Optional.empty(), "{}"));

            assertThat(client.packet().topic()).endsWith("$rid=2");
        }
    }

    @Test
    void subscriptionIsConfirmedOnceNoChangeCanBeMissed() throws IOException {
        try (var client = connected()) {
            var filters = new LinkedHashMap<String, Integer>();
            filters.put(DESIRED, 1);
            filters.put("devices/x/messages/devicebound/#", 1);
            filters.put(ANSWERS, 2);
            filters.put("devices/" + device + "/messages/devicebound/#", 0);
            client.subscribe(9, filters);
            var observe = twins.await(device, TwinRequest.Observe.class);
            assertThat(observe.generationId()).isEqualTo("g-" + device);
            twins.send(new DesiredChanged(observe.from(), 2, "{\"early\":1}"));
            client.sendHex("c000");
            assertThat(client.packet().type()).isEqualTo(PINGRESP);

            twins.send(new ObserveAnswered(observe.from(), observe.number(), 200));
            twins.send(new DesiredChanged(observe.from(), 3, "{\"a\":1,\"$version\":3}"));

            var suback = client.packet();
            assertThat(suback.type()).isEqualTo(SUBACK);
            assertThat(suback.body()).containsExactly(0, 9, 1, (byte) 0x80, 1, 0);
            var change = client.packet();
            assertThat(change.topic()).isEqualTo("$iothub/twin/PATCH/properties/desired/?$version=3");
            assertThat(change.payload()).isEqualTo("{\"a\":1,\"$version\":3}");

            client.subscribe(10, Map.of(DESIRED, 0));
            assertThat(client.packet().body()).as("again").containsExactly(0, 10, 0);
            client.unsubscribe(11, DESIRED);
            assertThat(client.packet().type()).isEqualTo(UNSUBACK);
            assertThat(twins.await(device, TwinRequest.Unobserve.class).from()).isEqualTo(observe.from());
            twins.send(new DesiredChanged(observe.from(), 4, "{}"));
            client.publish(GET + "end", 0, "");
            twins.await(device, TwinRequest.Get.class);
            twins.send(new TwinAnswered(observe.from(), "end", 200, Optional.empty(), "{}"));
            assertThat(client.packet().topic()).endsWith("$rid=end");
        }
    }

    @Test
    void endOfASessionEndsItsObservation() throws IOException {
        try (var client = connected()) {
            observe(client);
        }

        twins.await(device, TwinRequest.Unobserve.class);
    }

    @Test
    void subscriptionThatIsRefusedEndsTheConnection() throws IOException {
        try (var client = connected()) {
            client.subscribe(1, Map.of(DESIRED, 1));
            var observe = twins.await(device, TwinRequest.Observe.class);
            twins.send(new ObserveAnswered(observe.from(), observe.number(), 503));

            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void tooManySubscriptionsThatWaitEndTheConnection() throws IOException {
        try (var client = connected()) {
            for (int id = 1; id <= 11; id++) {
                client.subscribe(id, Map.of(DESIRED, 1));
            }

            assertThat(client.isClosed()).isTrue();
        }
        assertThat(twins.await(device, 2))
                .hasExactlyElementsOfTypes(TwinRequest.Observe.class, TwinRequest.Unobserve.class);
    }

    @Test
    void moduleAsksForItself() throws IOException {
        var module = device + "/m";
        var moduleKeys = registry.add(module);
        try (var client = RawClient.to(port())) {
            assertThat(client.connect(module, token(device + "/modules/m", moduleKeys)))
                    .isZero();
            client.publish(GET + "1", 0, "");

            assertThat(twins.await(device, TwinRequest.Get.class).from().identity())
                    .hasToString(module);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$iothub/twin/GET/x?$rid=1",
                "$iothub/twin/PATCH/properties/desired/?$rid=1",
                "$iothub/twin/PATCH/tags/?$rid=1",
                "$iothub/twin/res/200/?$rid=1"
            })
    void otherTopicOfTwinsEndsTheConnection(String topic) throws IOException {
        try (var client = connected()) {
            client.publish(topic, 1, "{}");

            assertThat(client.isClosed()).isTrue();
        }
        assertThat(twins.received(device)).isEmpty();
    }

    @Test
    void requestThatCannotBeAnsweredIsAcknowledgedAndIgnored() throws IOException {
        try (var client = connected()) {
            client.publish("$iothub/twin/GET/", 1, "");
            client.publish("$iothub/twin/GET/?rid=1", 2, "");

            assertThat(client.puback()).isEqualTo(1);
            assertThat(client.puback()).isEqualTo(2);
        }
        assertThat(twins.received(device)).isEmpty();
    }

    @Test
    void patchThatCanBeNoneIsRefusedHere() throws IOException {
        try (var client = listening()) {
            client.send(MqttPacket.publish(REPORT + "1", 1, new byte[TwinRequest.MAX_PATCH + 1], false));
            var tooLarge = client.packet();
            assertThat(tooLarge.topic()).isEqualTo("$iothub/twin/res/413/?$rid=1");
            assertThat(tooLarge.payload()).contains("\"errorCode\":413001").contains("131072");
            assertThat(client.puback()).isEqualTo(1);

            client.send(MqttPacket.publish(REPORT + "2", 0, new byte[] {'{', (byte) 0xff, '}'}, false));
            assertThat(client.packet().topic()).isEqualTo("$iothub/twin/res/400/?$rid=2");
            client.publish(REPORT + "3&$version=x", 0, "{}");
            var noVersion = client.packet();
            assertThat(noVersion.topic()).isEqualTo("$iothub/twin/res/400/?$rid=3");
            assertThat(noVersion.payload()).contains("\"errorCode\":400004").contains("$version");
        }
        assertThat(twins.received(device)).isEmpty();
    }

    @Test
    void moreThanSoManyRequestsAreRefusedUntilSomeAreAnswered() throws IOException {
        int many = GatewayResource.MAX_TWIN_REQUESTS;
        try (var client = listening()) {
            for (int i = 0; i < many + 3; i++) {
                client.publish(GET + i, 0, "");
            }
            for (int i = many; i < many + 3; i++) {
                var refusal = client.packet();
                assertThat(refusal.topic()).isEqualTo("$iothub/twin/res/429/?$rid=" + i);
                assertThat(refusal.payload()).contains("\"errorCode\":429001");
            }
            var first = twins.await(device, many).getFirst();
            twins.send(new TwinAnswered(first.from(), "0", 200, Optional.empty(), "{}"));
            assertThat(client.packet().topic()).endsWith("res/200/?$rid=0");

            client.publish(GET + "again", 5, "");

            assertThat(client.puback()).isEqualTo(5);
            assertThat(twins.await(device, many + 1)).hasSize(many + 1);
        }
    }

    @Test
    void acknowledgementsOfRequestsAndMessagesComeInTheirOrder() throws IOException {
        int count = 600;
        try (var client = connected()) {
            var all = new ByteArrayOutputStream();
            for (int id = 1; id <= count; id++) {
                var topic = id % 3 == 0 ? REPORT + id : "devices/" + device + "/messages/events/";
                all.write(MqttPacket.publish(topic, id, new byte[] {'{', '}'}, false));
            }
            client.send(all.toByteArray());

            for (int id = 1; id <= count; id++) {
                assertThat(client.puback()).isEqualTo(id);
            }
        }
    }

    @Test
    void clientThatDoesNotReadWhatItIsToldLosesItsSession() throws IOException {
        try (var client = connected()) {
            var observe = observe(client);
            var body = "{\"a\":\"" + "x".repeat(60_000) + "\"}";
            for (int version = 2; version < 200; version++) {
                twins.send(new DesiredChanged(observe.from(), version, body));
            }

            twins.await(device, TwinRequest.Unobserve.class);
        }
    }

    private TwinRequest.Observe observe(RawClient client) throws IOException {
        client.subscribe(1, Map.of(DESIRED, 1));
        var observe = twins.await(device, TwinRequest.Observe.class);
        twins.send(new ObserveAnswered(observe.from(), observe.number(), 200));
        assertThat(client.packet().type()).isEqualTo(SUBACK);
        return observe;
    }

    private RawClient listening() throws IOException {
        var client = connected();
        listen(client);
        return client;
    }

    private static void listen(RawClient client) throws IOException {
        client.subscribe(1, Map.of(ANSWERS, 0));
        assertThat(client.packet().body()).containsExactly(0, 1, 0);
    }

    private RawClient connected() throws IOException {
        var client = RawClient.to(port());
        assertThat(client.connect(device, token(device, keys))).isZero();
        return client;
    }

    private static String token(String resource, SymmetricKeys keys) {
        return SasToken.create(
                HOST + "/devices/" + resource, keys.primary(), Instant.now().plusSeconds(600), Optional.empty());
    }

    private static int port() {
        return Integer.parseInt(config("freehub.gateway.mqtt.plain-port"));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
