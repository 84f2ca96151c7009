package io.freehub.registry.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.CredentialsLookup;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.KeptSubscriptions.Feed;
import io.freehub.model.Topic;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is connected, as told by the events of gateways. Each test has a gateway of its own. */
@RegistryTest
class ConnectionIT {

    private static final AtomicInteger ORDINALS = new AtomicInteger(100);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final IdentityId device = IdentityId.parse(BackEnd.newId());
    private final GatewayInstance gateway = new GatewayInstance(ORDINALS.incrementAndGet(), 7);
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private BackEnd owner;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeEach
    void connect() {
        owner = BackEnd.of(port, "iothubowner");
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestKafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        owner.create(device.toString());
    }

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void givenSession_whenOpenedAndClosed_thenStateAndTimesFollow() {
        tell(opened("s1", gateway, now));
        awaitState("Connected");
        assertThat(identity("/connectionStateUpdatedTime")).isEqualTo(now.toString());
        assertThat(identity("/lastActivityTime")).isEqualTo(now.toString());

        tell(closed("s1", gateway, now.plusMillis(5)));
        awaitState("Disconnected");
        assertThat(identity("/connectionStateUpdatedTime"))
                .isEqualTo(now.plusMillis(5).toString());
        assertThat(identity("/lastActivityTime")).isEqualTo(now.toString());
    }

    @Test
    void givenNewerSession_whenTheOlderOneClosesLate_thenStillConnected() {
        tell(opened("s1", gateway, now));
        tell(opened("s2", gateway, now.plusMillis(1)));
        tell(closed("s1", gateway, now.plusMillis(2)));
        awaitProcessed();

        assertThat(identity("/connectionState")).isEqualTo("Connected");
    }

    @Test
    void givenTwoOpenings_whenTheirClocksDisagreeWithTheLog_thenTheLastInTheLogWins() {
        tell(opened("s2", gateway, now.plusMillis(500)));
        tell(opened("s1", gateway, now));
        tell(closed("s2", gateway, now.plusMillis(600)));
        awaitProcessed();

        assertThat(identity("/connectionState")).isEqualTo("Connected");
        assertThat(identity("/lastActivityTime")).isEqualTo(now.toString());
    }

    @Test
    void givenSession_whenItsGatewayIsStartedAgain_thenDisconnectedSinceThen() {
        tell(opened("s1", gateway, now));
        awaitState("Connected");

        var restarted = now.plusSeconds(1);
        tell(new ConnectionEvent.GatewayAlive(new GatewayInstance(gateway.ordinal(), 8), restarted));

        awaitState("Disconnected");
        assertThat(identity("/connectionStateUpdatedTime")).isEqualTo(restarted.toString());
    }

    @Test
    void givenSessionOfGatewaySilentForLong_whenAsked_thenDisconnectedUntilItShowsItselfAgain() {
        var longAgo = now.minusSeconds(31);
        tell(opened("s1", gateway, longAgo));
        awaitProcessed();
        assertThat(identity("/connectionState")).isEqualTo("Disconnected");
        assertThat(identity("/connectionStateUpdatedTime")).isEqualTo(longAgo.toString());

        tell(new ConnectionEvent.GatewayAlive(gateway, now));

        awaitState("Connected");
    }

    @Test
    void givenEarlierLifeOfGateway_whenItIsHeardOfLate_thenTheLaterOneStands() {
        tell(opened("s1", gateway, now));
        awaitState("Connected");

        tell(new ConnectionEvent.GatewayAlive(new GatewayInstance(gateway.ordinal(), 6), now.plusSeconds(1)));
        awaitProcessed();

        assertThat(identity("/connectionState")).isEqualTo("Connected");
    }

    @Test
    void givenKeptSubscription_whenAskedForCredentials_thenItIsThereUntilItIsGone() {
        var all = new KeptSubscriptions(Optional.of(1), Set.of(Feed.values()));
        var some = KeptSubscriptions.NONE.with(Feed.METHODS);
        assertThat(kept()).isEqualTo(KeptSubscriptions.NONE);
        tell(new ConnectionEvent.SubscriptionsKept(device, "s1", all, gateway, now));
        await(() -> kept().equals(all));
        owner.put("/devices/" + device, "{}", "If-Match", "*");
        tell(closed("s1", gateway, now));
        awaitProcessed();
        assertThat(kept()).isEqualTo(all);

        tell(new ConnectionEvent.SubscriptionsKept(device, "s2", KeptSubscriptions.NONE, gateway, now));
        await(() -> kept().equals(KeptSubscriptions.NONE));

        tell(new ConnectionEvent.SubscriptionsKept(device, "s2", some, gateway, now));
        await(() -> kept().equals(some));
        owner.delete("/devices/" + device, "If-Match", "*");
        owner.create(device.toString());
        assertThat(kept()).isEqualTo(KeptSubscriptions.NONE);
    }

    private KeptSubscriptions kept() {
        var answer = BackEnd.of(port, "$freehub")
                .post(
                        "/internal/credentials",
                        new String(HubJson.write(new CredentialsLookup(List.of(device))), StandardCharsets.UTF_8));
        return HubJson.read(answer.body().getBytes(StandardCharsets.UTF_8), CredentialsLookup.Answer.class)
                .credentials()
                .getFirst()
                .kept();
    }

    @Test
    void givenConnectedDevices_whenCounted_thenOnlyLiveSessionsOfExistingDevicesCount() {
        long before = connectedCount();
        tell(opened("s1", gateway, now));
        tellOf(IdentityId.parse(BackEnd.newId()), "s2");
        awaitState("Connected");
        awaitProcessed();
        assertThat(connectedCount()).isEqualTo(before + 1);

        owner.delete("/devices/" + device, "If-Match", "*");

        assertThat(connectedCount()).isEqualTo(before);
        owner.create(device.toString());
        assertThat(identity("/connectionState")).isEqualTo("Disconnected");
        assertThat(identity("/lastActivityTime")).isEqualTo("0001-01-01T00:00:00Z");
    }

    @Test
    void givenConnectedDevice_whenItsIdentityIsReplaced_thenAnswerTellsItsConnection() {
        tell(opened("s1", gateway, now));
        awaitState("Connected");

        var etag = owner.get("/devices/" + device).text("/etag");
        var answer = owner.put("/devices/" + device, "{}", "If-Match", etag);

        assertThat(answer.text("/connectionState")).isEqualTo("Connected");
    }

    @Test
    void givenModuleSession_whenOpenedAndClosed_thenTheModuleTellsAndItsDeviceDoesNot() {
        var module = IdentityId.parse(device + "/burner");
        owner.put(modulePath(), "{}");
        long devices = connectedCount();

        send(key(device), new ConnectionEvent.Opened(module, "m1", gateway, now));
        await(() -> owner.get(modulePath()).text("/connectionState").equals("Connected"));

        var connected = owner.get(modulePath());
        assertThat(connected.text("/connectionStateUpdatedTime")).isEqualTo(now.toString());
        assertThat(connected.text("/lastActivityTime")).isEqualTo(now.toString());
        assertThat(owner.get("/devices/" + device + "/modules").text("/0/connectionState"))
                .isEqualTo("Connected");
        assertThat(owner.put(modulePath(), "{}", "If-Match", "*").text("/connectionState"))
                .isEqualTo("Connected");
        assertThat(identity("/connectionState")).isEqualTo("Disconnected");
        assertThat(identity("/lastActivityTime")).startsWith("0001");
        assertThat(connectedCount()).isEqualTo(devices);

        send(key(device), new ConnectionEvent.Closed(module, "m1", gateway, "test", now.plusMillis(5)));
        await(() -> owner.get(modulePath()).text("/connectionState").equals("Disconnected"));
        assertThat(owner.get(modulePath()).text("/connectionStateUpdatedTime"))
                .isEqualTo(now.plusMillis(5).toString());
    }

    @Test
    void givenSessionsOfDeviceAndModule_whenTheDeviceIsDeleted_thenItsNextLifeStartsWithoutThem() {
        var module = IdentityId.parse(device + "/burner");
        owner.put(modulePath(), "{}");
        tell(opened("s1", gateway, now));
        send(key(device), new ConnectionEvent.Opened(module, "m1", gateway, now));
        send(key(device), new ConnectionEvent.Opened(IdentityId.parse(device + "/nobody"), "n1", gateway, now));
        await(() -> owner.get(modulePath()).text("/connectionState").equals("Connected"));

        assertThat(owner.delete("/devices/" + device, "If-Match", "*").status()).isEqualTo(204);
        owner.create(device.toString());

        assertThat(owner.put(modulePath(), "{}").text("/connectionState")).isEqualTo("Disconnected");
        assertThat(owner.get(modulePath()).text("/lastActivityTime")).startsWith("0001");
    }

    @Test
    void givenUnreadableRecord_whenItComes_thenPassedOver() {
        producer.send(
                new ProducerRecord<>(Topic.CONNECTIONS.name(), key(device), "{".getBytes(StandardCharsets.UTF_8)));
        tell(opened("s1", gateway, now));

        awaitState("Connected");
    }

    private ConnectionEvent opened(String session, GatewayInstance on, Instant at) {
        return new ConnectionEvent.Opened(device, session, on, at);
    }

    private ConnectionEvent closed(String session, GatewayInstance on, Instant at) {
        return new ConnectionEvent.Closed(device, session, on, "test", at);
    }

    private void tellOf(IdentityId other, String session) {
        send(key(other), new ConnectionEvent.Opened(other, session, gateway, now));
    }

    private void tell(ConnectionEvent event) {
        send(key(device), event);
    }

    private void send(byte[] key, ConnectionEvent event) {
        producer.send(new ProducerRecord<>(Topic.CONNECTIONS.name(), key, HubJson.write(event)));
        producer.flush();
    }

    /** Waits until what was told of the device before has been stored: events with the same key stay in order. */
    private void awaitProcessed() {
        var marker = IdentityId.parse(device + "-marker");
        owner.create(marker.toString());
        send(key(device), new ConnectionEvent.Opened(marker, "m", new GatewayInstance(99, 1), now));
        await(() -> !owner.get("/devices/" + marker).text("/lastActivityTime").startsWith("0001"));
        owner.delete("/devices/" + marker, "If-Match", "*");
    }

    private void awaitState(String state) {
        await(() -> identity("/connectionState").equals(state));
    }

    private static void await(BooleanSupplier condition) {
        var deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waited for " + PATIENCE).isBefore(deadline);
            Thread.onSpinWait();
        }
    }

    private String identity(String pointer) {
        return owner.get("/devices/" + device).text(pointer);
    }

    private String modulePath() {
        return "/devices/" + device + "/modules/burner";
    }

    private long connectedCount() {
        return owner.get("/statistics/service")
                .json()
                .get("connectedDeviceCount")
                .asLong();
    }

    private static byte[] key(IdentityId device) {
        return device.toString().getBytes(StandardCharsets.UTF_8);
    }
}
