package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What the same broker does for a plain producer: the same size and one header, {@code acks=all}, nothing around it. */
final class RawKafka {

    private static final String TOPIC = "bench.raw";

    /** As long as what the gateway writes for a message with content type, encoding and one property. */
    private static final int HEADER_SIZE = 150;

    private final HubUnderTest hub;
    private final int size;
    private final int inFlight;
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile boolean sending = true;

    RawKafka(HubUnderTest hub, int size, int inFlight) {
        this.hub = hub;
        this.size = size;
        this.inFlight = inFlight;
    }

    Results.RawKafka run(Duration warmUp, Duration period) {
        try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, hub.kafka()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Topic.TELEMETRY.partitions(), (short) 1)))
                    .all()
                    .get();
            try {
                return measure(warmUp, period);
            } finally {
                admin.deleteTopics(List.of(TOPIC)).all().get();
            }
        } catch (ExecutionException failed) {
            throw new BenchmarkException("Kafka refuses the topic " + TOPIC, failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", interrupted);
        }
    }

    private Results.RawKafka measure(Duration warmUp, Duration period) throws InterruptedException {
        var thread = Thread.ofPlatform().name("raw-kafka").start(this::send);
        Thread.sleep(warmUp);
        long before = acknowledged.get();
        var cpu = ProcessCpu.sample(hub.processes());
        long start = System.nanoTime();
        Thread.sleep(period);
        long count = acknowledged.get() - before;
        var used = ProcessCpu.sample(hub.processes()).since(cpu);
        double seconds = (System.nanoTime() - start) / 1e9;
        sending = false;
        thread.join();
        return new Results.RawKafka(count / seconds, used.microsPer(count));
    }

    private void send() {
        Map<String, Object> settings = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                hub.kafka(),
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.LINGER_MS_CONFIG,
                0,
                ProducerConfig.BATCH_SIZE_CONFIG,
                64 << 10);
        var room = new Semaphore(inFlight);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; sending; i++) {
                room.acquire();
                var key = "bench-%07d".formatted(i % 1000).getBytes(UTF_8);
                var record = new ProducerRecord<>(TOPIC, key, new byte[size]);
                record.headers().add("p", new byte[HEADER_SIZE]);
                producer.send(record, (_, failure) -> {
                    room.release();
                    if (failure == null) {
                        acknowledged.incrementAndGet();
                    }
                });
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
