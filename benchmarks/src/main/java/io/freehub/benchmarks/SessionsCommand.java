package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.Topic;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench sessions}. */
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how fast the directory of sessions follows when a gateway with many devices restarts and all of them come",
            "back. What the gateway tells of them is written to Kafka as it would; no connection is made. Needs Linux."
        })
final class SessionsCommand implements Callable<Integer> {

    /** Of a gateway that the benchmark's hub does not have. */
    private static final int GATEWAY = 7;

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Option(names = "--sessions", paramLabel = "N", defaultValue = "100000", description = "Default: ${DEFAULT-VALUE}")
    private int sessions;

    @Option(
            names = "--restarts",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often the gateway restarts. Default: ${DEFAULT-VALUE}")
    private int restarts;

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    @Mixin
    private DatabaseOptions postgres = new DatabaseOptions();

    SessionsCommand() {}

    @Override
    public Integer call() throws IOException, SQLException {
        return own.measure(postgres, own.ports(), this::measure);
    }

    private int measure(HubUnderTest hub) throws IOException, SQLException {
        System.out.printf("%n%s%n", Report.machine(MachineFacts.read()));
        try (var database = postgres.connectToCommands(hub);
                var producer = new KafkaProducer<>(
                        Map.<String, Object>of(
                                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                hub.kafka(),
                                ProducerConfig.LINGER_MS_CONFIG,
                                5),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            for (int life = 0; life <= restarts; life++) {
                var title = life == 0 ? "%,d devices connect".formatted(sessions) : "restart " + life;
                measure(title, hub, database, producer);
            }
        }
        return 0;
    }

    private void measure(String title, HubUnderTest hub, Connection database, KafkaProducer<String, byte[]> producer) {
        Bench.tell(title);
        // When it started tells its lives apart.
        long gateway = System.currentTimeMillis();
        var before = ProcessCpu.sample(hub.processes());
        long start = System.nanoTime();
        var of = "\"gateway\":{\"ordinal\":%d,\"incarnation\":%d},\"at\":\"%s\"}"
                .formatted(GATEWAY, gateway, Instant.ofEpochMilli(gateway));
        tell(producer, "gateway-" + GATEWAY, "{\"type\":\"GatewayAlive\"," + of);
        for (int i = 0; i < sessions; i++) {
            var device = "bench-%07d".formatted(i);
            var session = "%012x%04x%08x".formatted(gateway, GATEWAY, i);
            tell(
                    producer,
                    device,
                    "{\"type\":\"Opened\",\"identity\":\"" + device + "\",\"session\":\"" + session
                            + "\",\"generationId\":\"1\"," + of);
        }
        producer.flush();
        double told = (System.nanoTime() - start) / 1e9;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (registered(database, gateway) < sessions) {
            if (System.nanoTime() > deadline) {
                throw new BenchmarkException(
                        "after %s only %,d sessions are known".formatted(PATIENCE, registered(database, gateway)));
            }
            HubUnderTest.pause(POLL);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        var used = ProcessCpu.sample(hub.processes()).since(before);
        System.out.printf("%n%s%n", title);
        Periods.line("registered", "%,.0f/s, all after %.1f s".formatted(sessions / seconds, seconds));
        Periods.line("written to Kafka", "after %.1f s".formatted(told));
        Periods.line("CPU µs of each", Report.micros(used.microsPer(sessions)));
    }

    private static void tell(KafkaProducer<String, byte[]> producer, String key, String event) {
        producer.send(new ProducerRecord<>(Topic.CONNECTIONS.name(), key, event.getBytes(UTF_8)));
    }

    private static long registered(Connection database, long incarnation) {
        try (var select = database.prepareStatement(
                "select count(*) from session" + " where ordinal = ? and incarnation = ? and closed_at is null")) {
            select.setInt(1, GATEWAY);
            select.setLong(2, incarnation);
            try (var rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException failed) {
            throw new BenchmarkException("the database cannot be asked", failed);
        }
    }
}
