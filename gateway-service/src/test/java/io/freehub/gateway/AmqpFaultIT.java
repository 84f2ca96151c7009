package io.freehub.gateway;

import static io.freehub.gateway.GatewayResource.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKeys;
import io.freehub.testing.KafkaResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults that devices ask for over AMQP. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class AmqpFaultIT {

    private static final int BATCH = 0x80013700;

    private static FakeRegistry registry;
    private static FakeTwins twins;
    private static FakeCommands commands;

    private final String device = "f-" + UUID.randomUUID();
    private AmqpClient client;
    private Session session;
    private Sender telemetry;

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
        client = AmqpClient.plain(Integer.parseInt(config("freehub.gateway.amqp.plain-port")))
                .open();
        session = client.session();
        assertThat(client.putToken(session, token(registry.add(device))).status())
                .isEqualTo(200);
        telemetry = client.sender(session, "telemetry", path("messages/events"));
        client.await(() -> telemetry.getCredit() > 0);
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
    }

    @ParameterizedTest
    @CsvSource({
        "KillAmqpD2CLink, true, messages/events",
        "KillAmqpC2DLink, false, messages/devicebound",
        "KillAmqpTwinLinkReq, true, twin",
        "KillAmqpTwinLinkResp, false, twin",
        "KillAmqpMethodReqLink, false, methods/devicebound",
        "KillAmqpMethodRespLink, true, methods/devicebound"
    })
    void linkThatIsNamedIsDetachedAndNoOther(String fault, boolean sends, String path) throws IOException {
        var links = Map.<String, Link>of(
                "true messages/events", telemetry,
                "false messages/devicebound", client.receiver(session, "c2d", path("messages/devicebound")),
                "true twin", client.sender(session, "twin-out", path("twin")),
                "false twin", client.receiver(session, "twin-in", path("twin")),
                "true methods/devicebound", client.sender(session, "method-out", path("methods/devicebound")),
                "false methods/devicebound", client.receiver(session, "method-in", path("methods/devicebound")));

        assertThat(ask(fault)).isInstanceOf(Accepted.class);

        var named = links.get(sends + " " + path);
        assertThat(client.detached(named)).isEqualTo("amqp:link:detach-forced");
        assertThat(named.getRemoteCondition().getDescription()).contains(fault, "boom");
        assertThat(links.values())
                .filteredOn(link -> link != named)
                .allMatch(link -> link.getRemoteState() == EndpointState.ACTIVE);
    }

    @Test
    void linksOfOtherDevicesOnTheConnectionGoOn() throws IOException {
        var other = "g-" + UUID.randomUUID();
        var keys = registry.add(other);
        client.putToken(
                session,
                SasToken.create(
                        HOST + "/devices/" + other,
                        keys.primary(),
                        Instant.now().plusSeconds(600),
                        Optional.empty()));
        var others = client.sender(session, "other", "/devices/" + other + "/messages/events");
        client.await(() -> others.getCredit() > 0);

        ask("KillAmqpD2CLink");

        assertThat(client.detached(telemetry)).isEqualTo("amqp:link:detach-forced");
        assertThat(client.outcome(client.send(others, 0, message(Map.of())))).isInstanceOf(Accepted.class);
    }

    @ParameterizedTest
    @CsvSource({"KillAmqpCBSLinkReq", "KillAmqpCBSLinkResp"})
    void linkForTokensIsDetachedAndTelemetryGoesOn(String fault) throws IOException {
        ask(fault);

        assertThat(client.cbsDetached(session, fault.endsWith("Req"))).isEqualTo("amqp:link:detach-forced");
        assertThat(client.outcome(client.send(telemetry, 0, message(Map.of())))).isInstanceOf(Accepted.class);
    }

    @Test
    void amqpSessionIsEndedAndTheConnectionGoesOn() throws IOException {
        var second = client.session();
        ask("KillAmqpSession");

        client.await(() -> session.getRemoteState() == EndpointState.CLOSED);
        assertThat(session.getRemoteCondition().getDescription()).contains("boom");
        var again = client.sender(second, "again", path("messages/events"));
        client.await(() -> again.getCredit() > 0);
        assertThat(client.outcome(client.send(again, 0, message(Map.of())))).isInstanceOf(Accepted.class);
    }

    @Test
    void connectionIsClosedWithAnError() throws IOException {
        ask("KillAmqpConnection");

        assertThat(client.closed()).isEqualTo("amqp:connection:forced");
    }

    @Test
    void connectionIsShutDownWithoutAnError() throws IOException {
        ask("ShutDownAmqp");

        client.await(() -> client.connection().getRemoteState() == EndpointState.CLOSED);
        assertThat(client.connection().getRemoteCondition().getCondition() == null)
                .isTrue();
    }

    @Test
    void connectionIsReset() throws IOException {
        ask("KillTcp");

        assertThatThrownBy(() -> client.await(() -> false)).hasMessageContaining("the gateway closed the connection");
        assertThat(client.connection().getRemoteState()).isEqualTo(EndpointState.ACTIVE);
    }

    @ParameterizedTest
    @CsvSource({
        "InvokeThrottling, com.microsoft:device-container-throttled",
        "InvokeMaxMessageQuota, amqp:resource-limit-exceeded",
        "InvokeAuthError, amqp:unauthorized-access"
    })
    void messagesAreRefusedForAWhile(String fault, String condition) throws IOException {
        ask(fault, 1);

        Awaitility.await().until(() -> isRefused(condition));
        Awaitility.await().until(this::isAccepted);
    }

    @Test
    void faultMayStandAroundABatchAsTheCSdkWritesIt() throws IOException {
        var batch = ByteBuffer.allocate(4096);
        batch.put(application(faulty("KillAmqpD2CLink", 0)));
        var data = Proton.message();
        data.setBody(new Data(new Binary(message(Map.of()))));
        batch.put(AmqpClient.encode(data));

        assertThat(client.outcome(client.send(telemetry, BATCH, Arrays.copyOf(batch.array(), batch.position()))))
                .isInstanceOf(Accepted.class);
        assertThat(client.detached(telemetry)).isEqualTo("amqp:link:detach-forced");
    }

    private boolean isRefused(String condition) throws IOException {
        return client.outcome(client.send(telemetry, 0, message(Map.of()))) instanceof Rejected rejected
                && rejected.getError().getCondition().toString().equals(condition);
    }

    private boolean isAccepted() throws IOException {
        return client.outcome(client.send(telemetry, 0, message(Map.of()))) instanceof Accepted;
    }

    private Object ask(String fault) throws IOException {
        return ask(fault, 0);
    }

    private Object ask(String fault, int seconds) throws IOException {
        return client.outcome(client.send(telemetry, 0, message(faulty(fault, seconds))));
    }

    private static Map<String, Object> faulty(String fault, int seconds) {
        return Map.of(
                "AzIoTHub_FaultOperationType",
                fault,
                "AzIoTHub_FaultOperationCloseReason",
                "boom",
                "AzIoTHub_FaultOperationDelayInSecs",
                "0",
                "AzIoTHub_FaultOperationDurationInSecs",
                Integer.toString(seconds));
    }

    private static byte[] message(Map<String, Object> properties) {
        var message = Proton.message();
        message.setApplicationProperties(new ApplicationProperties(properties));
        message.setBody(new Data(new Binary(new byte[] {1})));
        return AmqpClient.encode(message);
    }

    private static byte[] application(Map<String, Object> properties) {
        var message = Proton.message();
        message.setApplicationProperties(new ApplicationProperties(properties));
        return AmqpClient.encode(message);
    }

    private String token(SymmetricKeys keys) {
        return SasToken.create(
                HOST + "/devices/" + device, keys.primary(), Instant.now().plusSeconds(600), Optional.empty());
    }

    private String path(String path) {
        return "/devices/" + device + "/" + path;
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
