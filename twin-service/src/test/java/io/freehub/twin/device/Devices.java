package io.freehub.twin.device;

import io.freehub.model.Downlink;
import io.freehub.model.IdentityId;
import io.freehub.model.SessionAddress;
import io.freehub.model.Topic;
import io.freehub.model.TwinRequest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A gateway with sessions, as twin-service sees one. */
public final class Devices implements AutoCloseable {

    private final TopicReader downlink;
    private final KafkaProducer<String, byte[]> producer;

    /** On the Kafka of all tests. */
    public Devices() {
        this(TestKafka.bootstrapServers());
    }

    Devices(String bootstrapServers) {
        downlink = TopicReader.fromNow(bootstrapServers, Topic.DOWNLINK.name());
        producer = new KafkaProducer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "linger.ms",
                        20,
                        // Forgetting the topic while Kafka is away would make the next request block.
                        "metadata.recovery.strategy",
                        "none"),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    /** A new session of the identity in that life, on gateway 2. */
    public Session session(IdentityId identity, long generation) {
        return session(identity, generation, 2);
    }

    Session session(IdentityId identity, long generation, int gateway) {
        return new Session(
                new SessionAddress(identity, UUID.randomUUID().toString(), gateway), Long.toString(generation));
    }

    /** Makes sure that all that was asked is in Kafka. */
    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
        downlink.close();
    }

    /** A session that asks and reads what comes for it. */
    public final class Session {

        private final SessionAddress address;
        private final String generation;

        private Session(SessionAddress address, String generation) {
            this.address = address;
            this.generation = generation;
        }

        void get(String requestId) {
            send(new TwinRequest.Get(address, generation, requestId, Instant.now()));
        }

        public void report(String requestId, String patch) {
            send(new TwinRequest.Report(address, generation, requestId, patch, Optional.empty(), Instant.now()));
        }

        void report(String requestId, String patch, long version) {
            send(new TwinRequest.Report(address, generation, requestId, patch, Optional.of(version), Instant.now()));
        }

        void observe(long number) {
            send(new TwinRequest.Observe(address, generation, number, Instant.now()));
        }

        void unobserve() {
            send(new TwinRequest.Unobserve(address, generation, Instant.now()));
        }

        private void send(TwinRequest request) {
            producer.send(new ProducerRecord<>(
                    Topic.TWIN_REQUESTS.name(), address.identity().device().value(), HubJson.write(request)));
        }

        /** What came, once there are as many, in order. */
        public List<Downlink> await(int count) {
            return await(count, TopicReader.PATIENCE);
        }

        List<Downlink> await(int count, Duration patience) {
            return downlink.awaitCount(count, this::isOurs, patience).stream()
                    .map(Devices::read)
                    .toList();
        }

        /** What has come by now. */
        List<Downlink> received() {
            return downlink.readToEnd().stream()
                    .filter(this::isOurs)
                    .map(Devices::read)
                    .toList();
        }

        private boolean isOurs(ConsumerRecord<String, byte[]> record) {
            return read(record).to().equals(address) && record.partition() == address.gateway();
        }

        SessionAddress address() {
            return address;
        }
    }

    private static Downlink read(ConsumerRecord<String, byte[]> record) {
        return HubJson.read(record.value(), Downlink.class);
    }
}
