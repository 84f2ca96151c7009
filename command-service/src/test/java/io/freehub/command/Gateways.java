package io.freehub.command;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.Disposition;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.MethodReply;
import io.freehub.model.ReceiverEvent;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Says what gateways say. */
public final class Gateways implements AutoCloseable {

    private final KafkaProducer<String, byte[]> producer;

    /** On the broker of all tests. */
    public Gateways() {
        this(TestKafka.bootstrapServers());
    }

    public Gateways(String bootstrapServers) {
        this.producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    public void attach(SessionAddress session, long generation, long incarnation, Link link, int window) {
        tell(new ReceiverEvent.Attached(session, Long.toString(generation), incarnation, link, window, Instant.now()));
    }

    public void detach(SessionAddress session, Link link) {
        tell(new ReceiverEvent.Detached(session, link, Instant.now()));
    }

    public void settle(SessionAddress session, String lockToken, Disposition disposition) {
        tell(new ReceiverEvent.Settled(session, lockToken, disposition, Instant.now()));
    }

    public void tell(ReceiverEvent event) {
        send(Topic.RECEIVERS.name(), event.from().identity(), event);
    }

    public void open(SessionAddress session, long generation, long incarnation) {
        send(Topic.CONNECTIONS.name(), session.identity(), opened(session, generation, incarnation));
    }

    /** Any event. */
    public void tell(String device, ConnectionEvent event) {
        send(Topic.CONNECTIONS.name(), IdentityId.parse(device), event);
    }

    /** Many at once. */
    public void openAll(List<SessionAddress> sessions, long generation, long incarnation) {
        for (var session : sessions) {
            write(Topic.CONNECTIONS.name(), session.identity(), opened(session, generation, incarnation));
        }
        producer.flush();
    }

    public void close(SessionAddress session, long incarnation) {
        send(
                Topic.CONNECTIONS.name(),
                session.identity(),
                new ConnectionEvent.Closed(
                        session.identity(),
                        session.session(),
                        new GatewayInstance(session.gateway(), incarnation),
                        "the client has closed it",
                        Instant.now()));
    }

    private static ConnectionEvent.Opened opened(SessionAddress session, long generation, long incarnation) {
        return new ConnectionEvent.Opened(
                session.identity(),
                session.session(),
                Optional.of(Long.toString(generation)),
                Optional.empty(),
                new GatewayInstance(session.gateway(), incarnation),
                Instant.now());
    }

    /** An answer to the replica of this ordinal. */
    public void reply(int replica, IdentityId device, MethodReply reply) {
        producer.send(new ProducerRecord<>(
                Topic.METHOD_REPLIES.name(), replica, device.device().value(), HubJson.write(reply)));
        producer.flush();
    }

    public void alive(GatewayInstance gateway, Instant at) {
        producer.send(new ProducerRecord<>(
                Topic.CONNECTIONS.name(),
                "gateway-" + gateway.ordinal(),
                HubJson.write(new ConnectionEvent.GatewayAlive(gateway, at))));
        producer.flush();
    }

    private void send(String topic, IdentityId identity, Object event) {
        write(topic, identity, event);
        producer.flush();
    }

    private void write(String topic, IdentityId identity, Object event) {
        producer.send(new ProducerRecord<>(topic, identity.device().value(), HubJson.write(event)));
    }

    @Override
    public void close() {
        producer.close();
    }
}
