package io.freehub.twin.device;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Topic;
import io.freehub.model.TwinRequest;
import io.freehub.service.json.HubJson;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.BatchReader;
import io.freehub.store.BatchReader.Span;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRelay;
import io.freehub.twin.TwinConfig;
import io.freehub.twin.life.Beginnings;
import io.freehub.twin.twin.TwinMetrics;
import io.freehub.twin.twin.TwinTable;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.VertxContextSupport;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Answers what devices ask about their twins. The requests of a batch, what they change, what is told of it, the answers
 * and the position after them are one transaction for each partition: none is lost, none counts twice.
 */
@ApplicationScoped
class TwinRequests {

    private final AgroalDataSource dataSource;
    private final Beginnings beginnings;
    private final Outbox outbox;
    private final OutboxRelay relay;
    private final TwinMetrics metrics;
    private final Clock clock;
    private final BatchReader<Logged> reader;

    /** How far this replica has answered; for the reader's thread. */
    private final Map<Integer, Long> answered = new HashMap<>();

    /** A request and the partition it stands in. */
    private record Logged(int partition, TwinRequest request) {}

    TwinRequests(
            HubKafka kafka,
            AgroalDataSource dataSource,
            Beginnings beginnings,
            Outbox outbox,
            OutboxRelay relay,
            TwinMetrics metrics,
            TwinConfig config,
            Clock clock) {
        this.dataSource = dataSource;
        this.beginnings = beginnings;
        this.outbox = outbox;
        this.relay = relay;
        this.metrics = metrics;
        this.clock = clock;
        this.reader = new BatchReader<>(
                kafka,
                Topic.TWIN_REQUESTS,
                new BatchReader.Settings(
                        "twin-requests",
                        "twin-requests",
                        config.requests().batchSize(),
                        Duration.ZERO,
                        config.requests().maxBackoff()),
                TwinRequests::read,
                this::answer,
                this::readOn);
    }

    void start(@Observes StartupEvent event) {
        reader.start();
    }

    void stop(@Observes ShutdownEvent event) {
        reader.close();
    }

    /** Whether requests are still being answered. */
    boolean isAlive() {
        return reader.isAlive();
    }

    private static Logged read(ConsumerRecord<String, byte[]> record) {
        var request = HubJson.read(record.value(), TwinRequest.class);
        // Whatever is no number is no generation of the registry's.
        Life.of(request);
        return new Logged(record.partition(), request);
    }

    private long readOn(int partition, long beginning, long end) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            long position = RequestPositions.readOn(connection, partition, beginning, end);
            answered.put(partition, position);
            return position;
        }
    }

    private void answer(BatchReader.Batch<Logged> batch) throws SQLException, InterruptedException {
        for (var span : batch.spans().entrySet()) {
            int partition = span.getKey();
            // Done already when the database went away in the middle of the batch.
            if (answered.getOrDefault(partition, 0L) < span.getValue().to()) {
                var requests = batch.records().stream()
                        .filter(logged -> logged.partition() == partition)
                        .map(Logged::request)
                        .toList();
                answer(partition, span.getValue(), requests);
                answered.put(partition, span.getValue().to());
            }
        }
    }

    private void answer(int partition, Span span, List<TwinRequest> requests)
            throws SQLException, InterruptedException {
        var missing = tryAnswer(partition, span, requests, lives(requests), Map.of());
        if (!missing.isEmpty()) {
            tryAnswer(partition, span, requests, Set.of(), begin(missing));
        }
    }

    /** Those that must have a twin. */
    private static Set<Life> lives(List<TwinRequest> requests) {
        return requests.stream()
                .filter(request -> !(request instanceof TwinRequest.Unobserve))
                .map(Life::of)
                .collect(Collectors.toSet());
    }

    /** Answers all, unless lives that must have a twin have none yet: those it returns. */
    private Set<Life> tryAnswer(
            int partition, Span span, List<TwinRequest> requests, Set<Life> lives, Map<Life, HubException> unknown)
            throws SQLException {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var twins = TwinTable.lock(
                        connection,
                        requests.stream()
                                .map(request -> request.from().identity())
                                .collect(Collectors.toSet()));
                var missing = lives.stream()
                        .filter(life -> !twins.containsKey(life.identity())
                                || twins.get(life.identity()).generation() < life.generation())
                        .collect(Collectors.toSet());
                if (missing.isEmpty()) {
                    answer(connection, partition, span, requests, new Answers(twins, unknown, clock.instant()));
                }
                return missing;
            } finally {
                // What was committed stays.
                connection.rollback();
            }
        }
    }

    private void answer(Connection connection, int partition, Span span, List<TwinRequest> requests, Answers answers)
            throws SQLException {
        requests.forEach(answers::answer);
        RequestPositions.moveOn(connection, partition, span);
        TwinTable.saveReported(connection, answers.changed());
        outbox.add(connection, answers.records());
        connection.commit();
        relay.kick();
        answers.counted()
                .forEach(done ->
                        metrics.count(TwinMetrics.Origin.DEVICE, done.operation(), done.success(), done.bytes()));
    }

    /** Begins the lives, as far as the registry knows them; why one has no twin then. */
    private Map<Life, HubException> begin(Set<Life> lives) throws InterruptedException {
        var failed = new ConcurrentHashMap<Life, HubException>();
        // A context for each: a transaction belongs to its context.
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            lives.forEach(life -> threads.execute(() -> begin(life, failed)));
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return failed;
    }

    private void begin(Life life, Map<Life, HubException> failed) {
        try {
            VertxContextSupport.subscribeAndAwait(() -> beginnings.begin(life.identity(), life.generation()));
        } catch (Throwable e) {
            if (!(e instanceof HubException)) {
                Log.warnf(e, "life not begun identity=%s", life.identity());
            }
            failed.put(
                    life,
                    e instanceof HubException known
                            ? known
                            : new HubException(
                                    HubError.SERVICE_UNAVAILABLE,
                                    "the twin is not there yet, try again in a moment",
                                    e));
        }
    }
}
