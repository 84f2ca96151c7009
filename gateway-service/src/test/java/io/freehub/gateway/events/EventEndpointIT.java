package io.freehub.gateway.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.gateway.GatewayResource;
import io.freehub.model.HubException;
import io.freehub.model.Topic;
import io.freehub.testing.KafkaResource;
import io.freehub.testing.TestKafka;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Readers of one partition of the topic of events. */
@QuarkusTest
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(GatewayResource.class)
class EventEndpointIT {

    private static final int PARTITION = 2;
    private static final int PATIENCE = 20;

    private static KafkaProducer<String, byte[]> producer;

    private final EventEndpoint endpoint;
    private final List<EventReader> readers = new ArrayList<>();

    EventEndpointIT(EventEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    @BeforeAll
    static void start() {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
    }

    @AfterEach
    void close() {
        readers.forEach(EventReader::close);
    }

    @Test
    void readerBeginsWhereItAsksTo() throws Exception {
        long first = enqueue(3);
        var times = read(new EventPosition.Offset(first), 3).stream()
                .map(ConsumerRecord::timestamp)
                .toList();

        assertThat(offsets(read(new EventPosition.Offset(first), 3))).containsExactly(first, first + 1, first + 2);
        assertThat(offsets(read(new EventPosition.Offset(first + 2), 1))).containsExactly(first + 2);
        assertThat(offsets(read(EventPosition.EARLIEST, 1))).containsExactly(0L);
        assertThat(read(new EventPosition.EnqueuedTime(Instant.ofEpochMilli(times.get(0))), 1))
                .allSatisfy(event -> {
                    assertThat(event.timestamp()).isGreaterThanOrEqualTo(times.get(0));
                    assertThat(event.offset()).isLessThanOrEqualTo(first);
                });
    }

    @Test
    void readerOfTheLatestHearsWhatComesAfterItBegan() throws Exception {
        enqueue(1);
        var latest = new Client(new EventPosition.Latest());
        var future = new Client(new EventPosition.EnqueuedTime(Instant.now().plusSeconds(3600)));
        long next = enqueue(1);
        latest.reader.request(10);
        future.reader.request(10);

        assertThat(latest.next().offset()).isEqualTo(next);
        assertThat(future.next().offset()).isEqualTo(next);
    }

    @Test
    void whatIsYetToComeIsWaitedFor() throws Exception {
        long next = enqueue(1) + 1;
        var client = new Client(new EventPosition.Offset(next + 2));
        client.reader.request(10);
        enqueue(4);

        assertThat(client.next().offset()).isEqualTo(next + 2);
        assertThat(client.next().offset()).isEqualTo(next + 3);
    }

    @Test
    void readerGetsNoMoreThanItAsksFor() throws Exception {
        long first = enqueue(20);
        var client = new Client(new EventPosition.Offset(first));
        client.reader.request(3);
        for (int i = 0; i < 3; i++) {
            assertThat(client.next().offset()).isEqualTo(first + i);
        }
        // Another reader gets all of them meanwhile.
        assertThat(read(new EventPosition.Offset(first), 20)).hasSize(20);
        assertThat(client.got).isEmpty();

        client.reader.request(1);
        client.reader.request(2);
        for (int i = 3; i < 6; i++) {
            assertThat(client.next().offset()).isEqualTo(first + i);
        }
        assertThat(client.got).isEmpty();
    }

    @Test
    void manyEventsComeInOrder() throws Exception {
        int many = 5000;
        long first = enqueue(many);
        var client = new Client(new EventPosition.Offset(first));
        client.reader.request(many);
        for (int i = 0; i < many; i++) {
            assertThat(client.next().offset()).isEqualTo(first + i);
        }
    }

    @Test
    void clientThatDoesNotTakeWhatCameHoldsUpNobodyElse() throws Exception {
        long first = enqueue(50);
        var slow = new ArrayBlockingQueue<Long>(1);
        var stuck = endpoint.read(PARTITION, new EventPosition.Offset(first), sink(events -> {
                    for (var event : events) {
                        slow.put(event.offset());
                    }
                }))
                .get(PATIENCE, TimeUnit.SECONDS);
        readers.add(stuck);
        stuck.request(50);
        assertThat(offsets(read(new EventPosition.Offset(first), 50))).hasSize(50);
        for (int i = 0; i < 50; i++) {
            assertThat(slow.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(first + i);
        }
    }

    @Test
    void stateFollowsWhatIsEnqueued() throws Exception {
        long last = enqueue(2) + 1;
        var state = endpoint.state(PARTITION).get(PATIENCE, TimeUnit.SECONDS);

        assertThat(state.beginning()).isZero();
        assertThat(state.last()).isEqualTo(last);
        assertThat(state.isEmpty()).isFalse();
        assertThat(state.lastEnqueuedAt().orElseThrow()).isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(endpoint.partitions().get(PATIENCE, TimeUnit.SECONDS)).isEqualTo(Topic.EVENTS.partitions());
    }

    @Test
    void unknownPartitionIsRefused() {
        assertThatThrownBy(() -> endpoint.state(99).get(PATIENCE, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(HubException.class)
                .hasMessageContaining("could not be found");
        assertThatThrownBy(() ->
                        endpoint.read(-1, EventPosition.EARLIEST, sink(_ -> {})).get(PATIENCE, TimeUnit.SECONDS))
                .hasMessageContaining("could not be found");
    }

    /** Sequence number of the first of so many. */
    private static long enqueue(int count) throws Exception {
        var sent = new ArrayList<Future<RecordMetadata>>();
        for (int i = 0; i < count; i++) {
            sent.add(producer.send(new ProducerRecord<>(Topic.EVENTS.name(), PARTITION, "d", new byte[] {(byte) i})));
        }
        long first = sent.getFirst().get().offset();
        sent.getLast().get();
        return first;
    }

    private List<ConsumerRecord<String, byte[]>> read(EventPosition position, int count) throws Exception {
        var client = new Client(position);
        client.reader.request(count);
        var events = new ArrayList<ConsumerRecord<String, byte[]>>();
        while (events.size() < count) {
            events.add(client.next());
        }
        return events;
    }

    private static List<Long> offsets(List<ConsumerRecord<String, byte[]>> events) {
        return events.stream().map(ConsumerRecord::offset).toList();
    }

    /** What takes events, and may wait. */
    private interface Taking {
        void take(List<ConsumerRecord<String, byte[]>> events) throws InterruptedException;
    }

    private static EventSink sink(Taking taking) {
        return new EventSink() {
            @Override
            public void accept(List<ConsumerRecord<String, byte[]>> events) throws InterruptedException {
                taking.take(events);
            }

            @Override
            public void failed(Exception reason) {
                throw new AssertionError(reason);
            }
        };
    }

    private final class Client {

        private final BlockingQueue<ConsumerRecord<String, byte[]>> got = new LinkedBlockingQueue<>();
        private final EventReader reader;

        private Client(EventPosition position) throws Exception {
            reader = endpoint.read(PARTITION, position, sink(got::addAll)).get(PATIENCE, TimeUnit.SECONDS);
            readers.add(reader);
        }

        private ConsumerRecord<String, byte[]> next() throws InterruptedException {
            var next = got.poll(PATIENCE, TimeUnit.SECONDS);
            assertThat(next).as("an event").isNotNull();
            return next;
        }
    }
}
