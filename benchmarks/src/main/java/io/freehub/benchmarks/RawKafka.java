package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntToLongFunction;
import org.HdrHistogram.Recorder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * What the same broker does for a plain producer: the same size and one header, {@code acks=all}, nothing around it.
 * First as fast as it goes; then at the rate of the open loop, gathering as the gateway does: what a message waits for then
 * is the broker's part of what it waits for in a hub.
 */
final class RawKafka {

    private static final String TOPIC = "bench.raw";

    /** As long as what the gateway writes for a message with content type, encoding and one property. */
    private static final int HEADER_SIZE = 150;

    /** Milliseconds: the default of {@code freehub.gateway.telemetry.linger}. */
    private static final int LINGER_OF_GATEWAY = 1;

    /** As fast as it goes it writes a gigabyte in this time. */
    private static final Duration LONGEST_UNBOUNDED_WARM_UP = Duration.ofSeconds(10);

    private final HubUnderTest hub;
    private final int size;
    private final int inFlight;

    RawKafka(HubUnderTest hub, int size, int inFlight) {
        this.hub = hub;
        this.size = size;
        this.inFlight = inFlight;
    }

    /** @param rate of the second part, in messages a second */
    Results.RawKafka run(Duration warmUp, Duration period, double rate) {
        try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, hub.kafka()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Topic.TELEMETRY.partitions(), (short) 1)))
                    .all()
                    .get();
            try {
                var unbounded = new Run(0, _ -> System.nanoTime()).measure(shorter(warmUp), period);
                var paced =
                        new Run(LINGER_OF_GATEWAY, new Pace(System.nanoTime(), rate)::await).measure(warmUp, period);
                return new Results.RawKafka(unbounded.perSecond(), unbounded.cpuPerMessage(), rate, paced.latency());
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

    private static Duration shorter(Duration warmUp) {
        return warmUp.compareTo(LONGEST_UNBOUNDED_WARM_UP) < 0 ? warmUp : LONGEST_UNBOUNDED_WARM_UP;
    }

    /** An open loop: whoever is late sends at once, and what came of it counts from when it was due. */
    private record Pace(long start, double perSecond) {

        /** Waits until the record is due; when that was, of {@link System#nanoTime()}. */
        long await(int ordinal) {
            long due = start + (long) (ordinal / perSecond * 1e9);
            for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                LockSupport.parkNanos(early);
            }
            return due;
        }
    }

    private record Measured(double perSecond, Map<String, Double> cpuPerMessage, Results.Latency latency) {}

    /** One producer from its start to its end. */
    private final class Run {

        private final int linger;
        private final IntToLongFunction due;
        private final Recorder micros = new Recorder(3);
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        private volatile boolean sending = true;

        /** @param due waits until a record is due and says when that was */
        private Run(int linger, IntToLongFunction due) {
            this.linger = linger;
            this.due = due;
        }

        private Measured measure(Duration warmUp, Duration period) throws InterruptedException {
            var thread = Thread.ofPlatform().name("raw-kafka").start(this::send);
            HubUnderTest.pause(warmUp);
            micros.reset();
            var cpu = ProcessCpu.sample(hub.processes());
            long start = System.nanoTime();
            HubUnderTest.pause(period);
            var measured = micros.getIntervalHistogram();
            var used = ProcessCpu.sample(hub.processes()).since(cpu);
            double seconds = (System.nanoTime() - start) / 1e9;
            sending = false;
            thread.join();
            if (failure.get() != null) {
                throw new BenchmarkException("Kafka did not take a record of the plain producer", failure.get());
            }
            long count = measured.getTotalCount();
            return new Measured(count / seconds, used.microsPer(count), Results.Latency.of(measured));
        }

        private void send() {
            Map<String, Object> settings = Map.of(
                    ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                    hub.kafka(),
                    ProducerConfig.ACKS_CONFIG,
                    "all",
                    ProducerConfig.LINGER_MS_CONFIG,
                    linger,
                    ProducerConfig.BATCH_SIZE_CONFIG,
                    64 << 10);
            var room = new Semaphore(inFlight);
            try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int i = 0; sending; i++) {
                    room.acquire();
                    long dueAt = due.applyAsLong(i);
                    var key = "bench-%07d".formatted(i % 1000).getBytes(UTF_8);
                    var record = new ProducerRecord<>(TOPIC, key, new byte[size]);
                    record.headers().add("p", new byte[HEADER_SIZE]);
                    producer.send(record, (_, refused) -> {
                        room.release();
                        if (refused == null) {
                            micros.recordValue((System.nanoTime() - dueAt) / 1000);
                        } else {
                            failure.compareAndSet(null, refused);
                        }
                    });
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
