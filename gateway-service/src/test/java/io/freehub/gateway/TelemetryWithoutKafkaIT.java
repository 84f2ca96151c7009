package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.SasToken;
import io.freehub.model.Topic;
import io.freehub.testing.KafkaToTakeAway;
import io.freehub.testing.TopicReader;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.engine.Delivery;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A Kafka of its own, so that it can be taken away. */
@QuarkusTest
@QuarkusTestResource(GatewayResource.class)
@QuarkusTestResource(value = TelemetryWithoutKafkaIT.OwnKafka.class, restrictToAnnotatedClass = true)
class TelemetryWithoutKafkaIT {

    private static final byte[] PINGREQ = {(byte) 0xc0, 0};
    private static final int PINGRESP = 0xd0;

    /** Default of {@code freehub.gateway.amqp.max-in-flight}. */
    private static final int MAX_IN_FLIGHT = 1000;

    private static FakeRegistry registry;

    @BeforeAll
    static void start() {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
    }

    @AfterAll
    static void stop() {
        registry.stop();
    }

    @Test
    void deviceOverMqttHearsOfItsMessageWhenKafkaIsBack() throws Exception {
        var device = "waits-over-mqtt";
        var token = token(device);
        try (var client = RawClient.to(Integer.parseInt(config("freehub.gateway.mqtt.plain-port")))) {
            assertThat(client.connect(device, token)).isZero();
            OwnKafka.BROKER.takeAway();
            client.publish("devices/" + device + "/messages/events/", 7, "x");
            // What the gateway had to say of it would come before.
            client.send(PINGREQ);
            assertThat(client.packet().type()).isEqualTo(PINGRESP);

            OwnKafka.BROKER.bringBack();
            assertThat(client.puback()).isEqualTo(7);
            assertThat(arrived(device, 1)).containsExactly("x");
        }
    }

    @Test
    void creditOverAmqpIsWithheldUntilKafkaHasWhatWasSent() throws Exception {
        var device = "waits-over-amqp";
        var token = token(device);
        try (var client = AmqpClient.plain(Integer.parseInt(config("freehub.gateway.amqp.plain-port")))) {
            var session = client.open().session();
            client.putToken(session, token);
            var sender = client.sender(session, "t", "/devices/" + device + "/messages/events");
            client.await(() -> sender.getCredit() == MAX_IN_FLIGHT);

            OwnKafka.BROKER.takeAway();
            var sent = new ArrayList<Delivery>();
            while (sender.getCredit() > 0) {
                sent.add(client.send(sender, 0, message(sent.size())));
            }
            // What the gateway had to say of them would come before.
            client.putToken(session, token);
            assertThat(sent).hasSize(MAX_IN_FLIGHT);
            assertThat(sent.stream().filter(Delivery::remotelySettled)).isEmpty();
            assertThat(sender.getCredit()).isZero();

            OwnKafka.BROKER.bringBack();
            client.await(() -> sent.stream().allMatch(Delivery::remotelySettled) && sender.getCredit() > 0);
            assertThat(sent).extracting(Delivery::getRemoteState).hasOnlyElementsOfType(Accepted.class);
            assertThat(arrived(device, MAX_IN_FLIGHT))
                    .containsExactlyElementsOf(IntStream.range(0, MAX_IN_FLIGHT)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    private static String token(String device) {
        return SasToken.create(
                GatewayResource.HOST + "/devices/" + device,
                registry.add(device).primary(),
                Instant.now().plusSeconds(600),
                Optional.empty());
    }

    private static List<String> arrived(String device, int count) {
        try (var telemetry = TopicReader.fromStart(OwnKafka.BROKER.bootstrapServers(), Topic.TELEMETRY.name())) {
            return telemetry.awaitCount(count, record -> record.key().equals(device), TopicReader.PATIENCE).stream()
                    .map(TopicReader::text)
                    .toList();
        }
    }

    private static byte[] message(int number) {
        var message = Proton.message();
        message.setBody(new Data(new Binary(Integer.toString(number).getBytes(StandardCharsets.US_ASCII))));
        return AmqpClient.encode(message);
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }

    /** The broker, which knows of the policy that the gateway needs. */
    public static final class OwnKafka implements QuarkusTestResourceLifecycleManager {

        static final KafkaToTakeAway BROKER = new KafkaToTakeAway();

        @Override
        public Map<String, String> start() {
            var kafka = BROKER.start();
            GatewayResource.publish(kafka, List.of(GatewayResource.internal()));
            return Map.of("kafka.bootstrap.servers", kafka);
        }

        /** After those of all tests, so that this broker is the one. */
        @Override
        public int order() {
            return 1;
        }

        @Override
        public void stop() {
            BROKER.close();
        }
    }
}
