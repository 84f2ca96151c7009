package io.freehub.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.BearerRights;
import io.freehub.model.DataAction;
import io.freehub.testing.KafkaResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Session;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Back ends over AMQP with tokens of an identity provider, which registry-service checks. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class AmqpBearerIT {

    private static final String TO_DEVICES = "/messages/devicebound";
    private static final String FEEDBACK = "/messages/serviceBound/feedback";
    private static final String FILES = "/messages/serviceBound/filenotifications";

    private final String token = "e30.e30." + UUID.randomUUID();
    private FakeRegistry registry;
    private FakeQueues queues;
    private AmqpClient client;
    private Session session;

    @BeforeEach
    void connect() throws IOException {
        registry = new FakeRegistry(
                URI.create(config("freehub.gateway.registry.url")).getPort());
        queues = new FakeQueues(
                URI.create(config("freehub.gateway.commands.url")).getPort());
        client = AmqpClient.plain(Integer.parseInt(config("freehub.gateway.amqp.plain-port")))
                .open();
        session = client.session();
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
        queues.close();
        registry.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", ""})
    void linksAreThoseOfTheRole(String before) throws IOException {
        allow(Duration.ofMinutes(10), DataAction.CLOUD_TO_DEVICE_SEND);

        assertThat(client.putToken(session, before + token).status()).isEqualTo(200);

        assertThat(client.sender(session, "c2d", TO_DEVICES).getRemoteState()).isEqualTo(EndpointState.ACTIVE);
        assertThat(client.detached(client.receiver(session, "feedback", FEEDBACK)))
                .isEqualTo("amqp:unauthorized-access");
        assertThat(client.detached(client.receiver(session, "files", FILES))).isEqualTo("amqp:unauthorized-access");
        assertThat(client.detached(
                        client.receiver(session, "events", "/messages/events/ConsumerGroups/$Default/Partitions/0")))
                .isEqualTo("amqp:unauthorized-access");
        assertThat(client.detached(client.sender(session, "telemetry", "/devices/x/messages/events")))
                .isEqualTo("amqp:unauthorized-access");
    }

    @Test
    void laterTokenTakesThePlaceOfTheFormer() throws IOException {
        allow(Duration.ofSeconds(3), DataAction.CLOUD_TO_DEVICE_FEEDBACK);
        client.putToken(session, token);
        var feedback = client.receiver(session, "feedback", FEEDBACK);
        assertThat(feedback.getRemoteState()).isEqualTo(EndpointState.ACTIVE);
        allow(Duration.ofSeconds(6), DataAction.CLOUD_TO_DEVICE_FEEDBACK);
        var renewed = Instant.now().plusSeconds(5);

        assertThat(client.putToken(session, token).status()).isEqualTo(200);

        assertThat(client.detached(feedback)).isEqualTo("amqp:unauthorized-access");
        assertThat(Instant.now()).isAfter(renewed);
    }

    @Test
    void tokenThatTheRegistryDoesNotTakeIsAnswered401() throws IOException {
        assertThat(client.putToken(session, "Bearer " + token).status()).isEqualTo(401);
        assertThat(client.putToken(session, "Bearer no token\r\nX: y").status()).isEqualTo(401);
        assertThat(client.detached(client.sender(session, "c2d", TO_DEVICES))).isEqualTo("amqp:unauthorized-access");
    }

    @Test
    void clientIsAskedToComeAgainWhileTheRegistryIsAway() throws IOException {
        registry.stop();

        assertThat(client.putToken(session, token).status()).isEqualTo(503);
    }

    private void allow(Duration life, DataAction action) {
        registry.addBearer(
                token, new BearerRights("ann", Set.of(action), Instant.now().plus(life)));
    }

    private static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }
}
