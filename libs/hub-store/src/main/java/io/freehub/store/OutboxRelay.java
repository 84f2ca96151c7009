package io.freehub.store;

import io.agroal.api.AgroalDataSource;
import io.freehub.service.kafka.HubKafka;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.record.CompressionType;
import org.jspecify.annotations.Nullable;

/**
 * Brings the records of the outbox to Kafka, on a thread of its own: woken by each commit of this replica, and looking by
 * itself now and then for those of a replica that ended. One replica at a time does so, whoever gets the lock.
 *
 * <p>A record is deleted once {@code acks=all} confirmed it. Kafka being away only delays: what was not confirmed is sent
 * again. So that no such repetition overtakes a later record of the same key, a second record of a key is sent only when
 * the first is confirmed.
 */
@ApplicationScoped
public class OutboxRelay {

    /** Any number that no other advisory lock of the database has. */
    private static final long LOCK = 0x6f7574626f78L;

    /** How soon to look again when another replica was at it: it may have begun before our commit. */
    private static final Duration CONTENDED = Duration.ofMillis(20);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);

    /** Milliseconds. Whoever sends does not wait as long: he says when there is no more. */
    private static final int LINGER = 10;

    /** In bytes, before it is compressed. */
    private static final int MAX_RECORD = 16 << 20;

    /** Bytes after which no further record is read into the same batch. */
    private static final int MAX_BATCH = 16 << 20;

    private static final String READ = """
            select id, topic, record_key, record_value, record_partition, created_at
            from (select *, sum(octet_length(record_value))
                         over (order by id rows between unbounded preceding and 1 preceding) as before
                  from (select * from outbox order by id limit ?) oldest) counted
            where before is null or before < ?
            order by id
            """;

    private final AgroalDataSource dataSource;
    private final HubKafka kafka;
    private final OutboxSettings settings;
    private final Counter relayed;
    private final Timer lag;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().daemon().name("outbox-relay").unstarted(this::run);

    private volatile boolean stopping;
    /** When the oldest record that still waits was committed, as last seen. */
    private volatile Optional<Instant> oldestWaiting = Optional.empty();

    OutboxRelay(AgroalDataSource dataSource, HubKafka kafka, OutboxSettings settings, MeterRegistry metrics) {
        this.dataSource = dataSource;
        this.kafka = kafka;
        this.settings = settings;
        this.relayed = metrics.counter("freehub.outbox.relayed");
        this.lag = Timer.builder("freehub.outbox.lag")
                .description("From the commit of a record until Kafka confirmed it")
                .publishPercentiles(0.5, 0.99)
                .register(metrics);
        metrics.gauge(
                "freehub.outbox.oldest.seconds",
                this,
                relay -> relay.oldestAge().toMillis() / 1000.0);
    }

    void start(@Observes StartupEvent event) {
        kafka.createTopics();
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        kick();
        thread.join(settings.deliveryTimeout().plusSeconds(1));
    }

    /** Says that there are records. */
    public void kick() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /** How long the oldest record has been waiting. */
    public Duration oldestAge() {
        return oldestWaiting
                .map(since -> Duration.between(since, Instant.now()))
                .orElse(Duration.ZERO);
    }

    /** Whether the thread lives that does all this. */
    boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        var backoff = FIRST_BACKOFF;
        boolean failing = false;
        try (var producer = producer()) {
            while (!stopping) {
                try {
                    pause(relayAll(producer));
                    if (failing) {
                        Log.info("outbox relayed again");
                    }
                    failing = false;
                    backoff = FIRST_BACKOFF;
                } catch (SQLException | ExecutionException | RuntimeException e) {
                    if (!failing) {
                        Log.warnf("outbox not relayed, trying on reason=%s", e);
                    }
                    failing = true;
                    wake.drainPermits();
                    pause(backoff);
                    backoff = min(backoff.multipliedBy(2), settings.maxBackoff());
                }
            }
        } catch (InterruptedException e) {
            Log.info("outbox relay interrupted");
        }
    }

    private void pause(Duration atMost) throws InterruptedException {
        if (!stopping && wake.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }

    /** What became of a batch. */
    private enum Relayed {
        /** Sent, and there may be more. */
        SOME,
        /** Sent; what is committed from now on is told of. */
        ALL,
        /** Another replica is at it. */
        CONTENDED
    }

    /** Relays what there is; says how long there is nothing to do. */
    private Duration relayAll(KafkaProducer<byte[], byte[]> producer)
            throws SQLException, ExecutionException, InterruptedException {
        try (var connection = dataSource.getConnection()) {
            var relayed = Relayed.SOME;
            while (!stopping && relayed == Relayed.SOME) {
                relayed = relayBatch(connection, producer);
            }
            if (relayed != Relayed.CONTENDED) {
                return settings.pollInterval();
            }
            connection.setAutoCommit(true);
            oldestWaiting = oldest(connection);
            return oldestWaiting.isEmpty() ? settings.pollInterval() : CONTENDED;
        }
    }

    private static Optional<Instant> oldest(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement("select created_at from outbox order by id limit 1");
                var rows = query.executeQuery()) {
            return rows.next() ? Optional.of(rows.getTimestamp(1).toInstant()) : Optional.empty();
        }
    }

    private Relayed relayBatch(Connection connection, KafkaProducer<byte[], byte[]> producer)
            throws SQLException, ExecutionException, InterruptedException {
        connection.setAutoCommit(false);
        try {
            if (!lock(connection)) {
                return Relayed.CONTENDED;
            }
            var rows = read(connection);
            oldestWaiting = rows.stream().map(Row::createdAt).findFirst();
            for (var wave : waves(rows)) {
                send(connection, producer, wave);
            }
            oldestWaiting = Optional.empty();
            return isFull(rows) ? Relayed.SOME : Relayed.ALL;
        } finally {
            // Also after a failure: what was confirmed before it is deleted.
            connection.commit();
        }
    }

    private boolean isFull(List<Row> rows) {
        return rows.size() == settings.batchSize()
                || rows.stream().mapToLong(Row::mostBytes).sum() >= MAX_BATCH;
    }

    private static boolean lock(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement("select pg_try_advisory_xact_lock(" + LOCK + ")");
                var rows = query.executeQuery()) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private List<Row> read(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement(READ)) {
            query.setInt(1, settings.batchSize());
            query.setInt(2, MAX_BATCH);
            try (var rows = query.executeQuery()) {
                var read = new ArrayList<Row>();
                while (rows.next()) {
                    read.add(new Row(
                            rows.getLong(1),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getObject(5, Integer.class),
                            rows.getTimestamp(6).toInstant()));
                }
                return read;
            }
        }
    }

    /** The first row of each key, then the second of each that has one, and so on. */
    static List<List<Row>> waves(List<Row> rows) {
        var waves = new ArrayList<List<Row>>();
        var seen = new HashMap<Row.Key, Integer>();
        for (var row : rows) {
            int wave = seen.merge(row.key(), 1, Integer::sum) - 1;
            if (wave == waves.size()) {
                waves.add(new ArrayList<>());
            }
            waves.get(wave).add(row);
        }
        return waves;
    }

    private void send(Connection connection, KafkaProducer<byte[], byte[]> producer, List<Row> wave)
            throws SQLException, ExecutionException, InterruptedException {
        var confirmations = new ArrayList<Future<RecordMetadata>>();
        for (var row : wave) {
            confirmations.add(producer.send(row.record()));
        }
        // They go together; otherwise the first would go alone, and the rest wait for its confirmation.
        producer.flush();
        var confirmed = new ArrayList<Row>();
        ExecutionException failure = null;
        for (int i = 0; i < wave.size(); i++) {
            try {
                confirmations.get(i).get();
                confirmed.add(wave.get(i));
            } catch (ExecutionException e) {
                failure = e;
            }
        }
        delete(connection, confirmed);
        if (failure != null) {
            throw failure;
        }
    }

    private void delete(Connection connection, List<Row> confirmed) throws SQLException {
        try (var delete = connection.prepareStatement("delete from outbox where id = any(?)")) {
            delete.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", confirmed.stream().map(Row::id).toArray()));
            delete.executeUpdate();
        }
        var now = Instant.now();
        for (var row : confirmed) {
            lag.record(Duration.between(row.createdAt(), now));
        }
        relayed.increment(confirmed.size());
    }

    private KafkaProducer<byte[], byte[]> producer() {
        int timeout = Math.toIntExact(settings.deliveryTimeout().toMillis());
        return kafka.producer(
                "freehub-outbox",
                Map.of(
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        timeout,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        timeout / 2,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        timeout / 2,
                        ProducerConfig.LINGER_MS_CONFIG,
                        LINGER,
                        // Metadata of a large twin take more than Kafka's megabyte, but say the same again and again.
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        MAX_RECORD,
                        ProducerConfig.COMPRESSION_TYPE_CONFIG,
                        CompressionType.LZ4.name));
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** A record that waits. */
    record Row(
            long id,
            String topic,
            String recordKey,
            @Nullable String recordValue,
            @Nullable Integer partition,
            Instant createdAt) {

        record Key(String topic, String key) {}

        /** No char is more than three bytes. */
        long mostBytes() {
            return recordValue == null ? 0 : 3L * recordValue.length();
        }

        Key key() {
            return new Key(topic, recordKey);
        }

        ProducerRecord<byte[], byte[]> record() {
            return new ProducerRecord<>(
                    topic,
                    partition,
                    recordKey.getBytes(StandardCharsets.UTF_8),
                    recordValue == null ? null : recordValue.getBytes(StandardCharsets.UTF_8));
        }
    }
}
